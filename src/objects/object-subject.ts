import { Keyspace } from '../core/keyspace'
import { type Subject, type SubjectToken, wholesOf } from '../core/subject'
import type { RecordId } from '../model/record-id'
import type { ObjectQuery } from './object-query'

/**
 * What an object that is asked for depends on: these tokens, and that of its type.
 *
 * @param id undefined where the key is not known
 */
export function subjectOf(
  keyspace: Keyspace,
  { type, metadata }: ObjectQuery,
  id: RecordId | undefined,
  tokens: readonly SubjectToken[],
): Subject {
  const tag = id === undefined ? Keyspace.typeTag(type.key) : Keyspace.recordTag(type.key, id.text)
  const name = keyspace.labelOf(type)
  return {
    tag,
    label: id === undefined ? name : `${name}:${id.text}`,
    tokens: [...tokens, ...wholesOf(keyspace.typesBeside(tag, type.key))],
    attribute: undefined,
    instance: undefined,
    ttlMs: type.declarationFor(metadata).ttlMs,
  }
}
