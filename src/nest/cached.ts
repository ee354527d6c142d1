import { Inject } from '@nestjs/common'
import { InvalidOptionError, type Duration, type On, type Sweeper } from '../index'
import { sweeperToken } from './tokens'

/** What `@Cached()` keeps a result under, and for how long. */
export interface CachedOptions<Args extends readonly unknown[] = never[]> {
  /** What the result depends on, by the method's arguments. */
  readonly on: On | ((...args: Args) => On)
  /** @default the class and the method: `ArticlesService.findOne` */
  readonly key?: string
  readonly ttl?: Duration
  /** As in `sweeper.getOrSet()`. @default true */
  readonly shadow?: boolean
  /** What the result varies by. @default all arguments */
  readonly vary?: (...args: Args) => readonly unknown[]
  /** The DataSource's name, as given to `SweeperModule`. @default 'default' */
  readonly sweeper?: string
}

/** A method that takes at least the arguments that `on` is given. */
type Method<Args extends readonly unknown[]> = (...args: [...Args, ...never[]]) => Promise<unknown>

/**
 * Keeps what a method of a provider returns until what it depends on is swept. The method has to return a promise
 * of data: strings, Buffers, or what JSON carries plus Date, bigint, Map and Set.
 *
 * Cost: a hit is 1 round trip, and the method is not called
 *
 * @throws as `sweeper.getOrSet()` does, when the method is called
 * @example
 * @Cached({ on: (id: number) => record(Article, id), ttl: '10m' })
 * async page(id: number): Promise<ArticlePage> { … }
 */
export function Cached<Args extends readonly unknown[] = never[]>(options: CachedOptions<Args>) {
  return <M extends Method<Args>>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const method = descriptor.value
    const place = `${target.constructor.name}.${String(name)}`
    if (typeof method !== 'function')
      throw new InvalidOptionError(`@Cached on ${place}: it is no method; decorate a method`)
    const property = Symbol(`sweeper of ${place}`)
    Inject(sweeperToken(options.sweeper))(target, property)
    const { on, key = place, ttl, vary, shadow } = options
    async function cached(this: Record<symbol, unknown>, ...args: Args): Promise<unknown> {
      const sweeper = this[property] as Sweeper | undefined
      if (sweeper === undefined)
        throw new InvalidOptionError(
          `@Cached on ${place}: its class has no Sweeper; make it a provider, and import SweeperModule.forRoot()`,
        )
      return sweeper.getOrSet({
        // Entity classes are functions too, and are told from arrow functions by their prototype.
        on:
          typeof on === 'function' && on.prototype === undefined
            ? (on as (...of: Args) => On)(...args)
            : (on as On),
        key,
        vary: vary === undefined ? args : vary(...args),
        ...(ttl !== undefined && { ttl }),
        ...(shadow !== undefined && { shadow }),
        factory: () =>
          Reflect.apply<Record<symbol, unknown>, Args, Promise<unknown>>(
            method as unknown as (...of: Args) => Promise<unknown>,
            this,
            args,
          ),
      })
    }
    // The decorated method is called with the same arguments, and answers the same.
    descriptor.value = cached as unknown as M
  }
}
