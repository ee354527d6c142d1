import { Keyspace } from '../core/keyspace'
import type { Subject, SubjectToken } from '../core/subject'
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
  return {
    tag,
    label: id === undefined ? type.name : `${type.name}:${id.text}`,
    tokens: [...tokens, { key: keyspace.typeBeside(tag, type.key), half: 'whole' }],
    attribute: undefined,
    instance: undefined,
    ttlMs: type.declarationFor(metadata).ttlMs,
  }
}
