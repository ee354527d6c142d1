import { decodeValue, type EncodedValue } from '../core/value-codec'
import type { Added } from './load'
import type { SeenToken } from './found'

/** What a look came to: a value, or how to get one. */
export type Looked =
  | {
      readonly hit: true
      readonly value: unknown
      /** All that it depends on; put together for whoever asks. */
      readonly held: { readonly seen: readonly SeenToken[] }
      /** When its tokens stood, by this process's clock. */
      readonly asOfMs: number
    }
  | { readonly hit: false; readonly load: () => Promise<Made> }

/** A value, and whether it was there. */
export interface Answer {
  readonly value: unknown
  /** For what was there: when its tokens stood, by this process's clock. */
  readonly asOfMs: number | undefined
}

export async function answersTo(looked: readonly Looked[]): Promise<readonly Answer[]> {
  const hits = looked.filter((one) => one.hit)
  return hits.length === looked.length ? hits : Promise.all(looked.map(answerTo))
}

export async function answerTo(looked: Looked): Promise<Answer> {
  return looked.hit ? looked : { value: valueOf(await looked.load()), asOfMs: undefined }
}

/** What a load came to, and what whoever makes it a part of something has to depend on. */
export interface Made {
  readonly encoded: EncodedValue | undefined
  readonly added: readonly Added[]
  readonly isSkipped: boolean
}

/** Every caller gets a value of his own, of the shape a hit would have. */
export function valueOf({ encoded }: Made): unknown {
  return encoded && decodeValue(encoded.kind, encoded.bytes)
}
