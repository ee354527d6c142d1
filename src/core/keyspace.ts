import { DIGEST_LENGTH, digestOf } from './digest'
import { encodeText } from './encode-part'
import { encodeVary } from './encode-vary'
import { InvalidOptionError, quoted } from './errors'
import { hashTagOf, typeCopy } from './hash-tags'
import { NO_TENANTS, type Tenant, type Tenants } from './tenants'

/** Memcached ends at 250 bytes; what is left is for whoever puts a prefix before our keys. */
export const MAX_KEY_BYTES = 240

const NAMESPACE = /^[A-Za-z0-9_.:@~-]{1,64}$/
const RECORD_ID = /^[A-Za-z0-9_.~%,-]+$/

/** Precedes a digest. No part contains it by itself, so that what is digested never equals what is plain. */
const DIGESTED = '#'
const MAX_DIGESTED = DIGESTED.length + DIGEST_LENGTH

/** With the longest namespace, these fill a key of children to the last byte. Two UUIDs make a plain id. */
const MAX_TYPE = 50
const MAX_ID = 75
const MAX_RELATION = MAX_DIGESTED

/** Entities, relations and fragments are few; a caller who makes up names must not fill the memory. */
const MAX_REMEMBERED = 1_000

/**
 * Builds every key. The grammar is written down in docs/stored-data.md: processes of different releases share it.
 *
 *     <ns>:t:{<type>:<id>}                 token of a record
 *     <ns>:c:{<type>}                      collection token
 *     <ns>:y:{<type>}                      type token
 *     <ns>:l:{<type>:<id>}/<relation>      token of a list
 *     <ns>:q:{}                            token of all results of TypeORM's query cache
 *     <ns>:q:{<id>}                        token of its results with this cache id
 *     <ns>:e:{<type>:<id>}…                entry
 *     <ns>:le:{<slot>}#<digest>            lease on loading an entry
 *     <ns>:n:{near}                        token by which near tiers notice that the store lost its memory
 *
 * With tenants all but the last have `=<tenant>` behind the brace. A table whose path names a schema or a database is
 * the same one for all tenants, and so are its tokens; entries are of one tenant always.
 *
 * Different things have different keys, whatever users put into them. Keys are printable ASCII of at most 240 bytes:
 * longer parts are digested. The braces make Redis Cluster keep a record's tokens and entries in one slot.
 * For a store that names hash tags, one of them in braces of its own stands before each brace.
 */
export class Keyspace {
  readonly #namespace: string
  readonly #hashTags: readonly string[]
  readonly #tenants: Tenants

  /**
   * @param namespace 1 to 64 of `A-Z a-z 0-9 _ . : @ ~ -`
   * @param hashTags what a store on many servers spreads keys over: see `hashTagOf`
   * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION
   */
  constructor(namespace: string, hashTags: readonly string[] = [], tenants: Tenants = NO_TENANTS) {
    if (!NAMESPACE.test(namespace)) {
      throw new InvalidOptionError(
        `namespace: ${quoted(namespace)} cannot begin a key; give 1 to 64 of the characters A-Z a-z 0-9 _ . : @ ~ -`,
      )
    }
    this.#namespace = namespace
    this.#hashTags = hashTags
    this.#tenants = tenants
  }

  /** Whether there are several, so that what keys were made of names does not tell them. */
  get hasTenants(): boolean {
    return this.#tenants.areKept
  }

  /** Whose keys it gives at this moment; null: nobody's, which are nobody's to read either. */
  get tenant(): Tenant {
    return this.#tenants.current
  }

  /** Whether the table is one and the same for all tenants, as far as its path tells. */
  isShared(type: string): boolean {
    return this.#tenants.areKept && type.includes('.')
  }

  /** What a type is called in events and labels: `Comment`; with tenants `acme/Comment`. */
  labelOf({ name, key }: { readonly name: string; readonly key: string }): string {
    const isEveryones = !this.#tenants.areKept || this.isShared(key)
    return isEveryones ? name : `${rememberedName(this.#tenants.current ?? '')}/${name}`
  }

  /**
   * Names a record inside entry keys: `public.comment:17`.
   *
   * @param type the table's path as it is: `public.comment`
   * @param id what identifies the row: one `encodeText(...)` per key column, joined by `,`
   */
  static recordTag(type: string, id: string): string {
    if (!RECORD_ID.test(id)) {
      throw new InvalidOptionError(
        `record id: ${quoted(id)} is not encoded; join what encodeText makes of each key column with ","`,
      )
    }
    return `${shortName(type, MAX_TYPE)}:${shortened(id, MAX_ID)}`
  }

  /** Names a type inside entry keys: `public.comment`. */
  static typeTag(type: string): string {
    return shortName(type, MAX_TYPE)
  }

  /** Names a record's list inside entry keys: `public.article:7/comments`. */
  static childrenTag(type: string, id: string, relation: string): string {
    return `${Keyspace.recordTag(type, id)}/${shortName(relation, MAX_RELATION)}`
  }

  /**
   * The key of the lease on loading an entry, in the entry's slot.
   *
   * @param seen the tokens that were read
   */
  static lease(entryKey: string, seen: string): string {
    const at = entryKey.indexOf(':e:{')
    const slot = entryKey.slice(at + 3, entryKey.indexOf('}') + 1)
    return `${entryKey.slice(0, at)}:le:${slot}${DIGESTED}${digestOf(`${seen}\n${entryKey}`)}`
  }

  /** The key of a record's token. */
  record(type: string, id: string): string {
    return this.#of(type, `${this.#namespace}:t:${this.#braced(Keyspace.recordTag(type, id))}`)
  }

  /** The key of the token that moves with every record of a type. */
  collection(type: string): string {
    return this.#of(type, `${this.#namespace}:c:${this.#braced(Keyspace.typeTag(type))}`)
  }

  /** The key of the token that every entry of a type carries. Where there are copies, it names all of them. */
  type(type: string): string {
    return this.#of(type, this.everyones(type))
  }

  /** The key of the token that every entry of a type carries, whoever's it is. */
  everyones(type: string): string {
    return `${this.#namespace}:y:{${Keyspace.typeTag(type)}}`
  }

  /** The keys of both, which are one without tenants. Where there are copies, they name all of them. */
  types(type: string): readonly string[] {
    const everyones = this.everyones(type)
    const own = this.#of(type, everyones)
    return own === everyones ? [own] : [own, everyones]
  }

  /**
   * The keys of the copies that are compared beside another token of an entry: those in its slot.
   *
   * @param tag the slot's, as `recordTag` and `typeTag` name it
   */
  typesBeside(tag: string, type: string): readonly string[] {
    const keys = this.types(type)
    if (this.#hashTags.length === 0) return keys
    const hashTag = hashTagOf(tag, this.#hashTags)
    return keys.map((key) => typeCopy(key, hashTag))
  }

  /** The key of the token of a record's list. */
  children(type: string, id: string, relation: string): string {
    const head = `${this.#namespace}:l:${this.#braced(Keyspace.recordTag(type, id))}`
    return this.#of(type, head, `/${shortName(relation, MAX_RELATION)}`)
  }

  /** The keys of the tokens by which near tiers notice that the store lost its memory: one under each hash tag. */
  get near(): readonly string[] {
    if (this.#hashTags.length === 0) return [`${this.#namespace}:n:{near}`]
    return this.#hashTags.map((hashTag) => `${this.#namespace}:n:{${hashTag}}{near}`)
  }

  /** The key of the token that all results of TypeORM's query cache carry, or those with this cache id. */
  queries(id?: string): string {
    const part = id === undefined ? '' : shortened(encodeText(id), MAX_ID)
    return this.#of('', `${this.#namespace}:q:${this.#braced(part)}`)
  }

  /** The key of the token that all of them carry, whoever's they are. */
  get everyonesQueries(): string {
    return `${this.#namespace}:q:${this.#braced('')}`
  }

  /**
   * The key of an entry: `<ns>:e:{<slot>}[/<relation>](+<tag>)*@<name>[?<vary>]`. The slot is that of the first tag.
   *
   * @param tags what the entry is made from, as `recordTag`, `typeTag` and `childrenTag` name it
   * @param name the fragment's name, anything
   * @param vary see `encodeVary`
   * @throws {InvalidOptionError} SWEEPER_INVALID_OPTION if there is no tag, or `vary` holds what no key can tell apart
   */
  entry(tags: readonly string[], name: string, vary: readonly unknown[]): string {
    const [first, ...others] = tags
    if (first === undefined) {
      throw new InvalidOptionError(
        'on: an empty list names nothing; give at least one record or type',
      )
    }
    const slash = first.indexOf('/')
    const slot = slash < 0 ? first : first.slice(0, slash)
    let rest = this.#suffix + (slash < 0 ? '' : first.slice(slash))
    for (const tag of others) rest += `+${tag}`
    rest += `@${rememberedName(name)}`
    if (vary.length > 0) rest += `?${encodeVary(vary)}`
    const head = `${this.#namespace}:e:${this.#braced(slot)}`
    return head + shortened(rest, MAX_KEY_BYTES - head.length)
  }

  #of(type: string, head: string, rest = ''): string {
    const suffix = this.isShared(type) ? '' : this.#suffix
    return suffix === ''
      ? head + rest
      : head + shortened(rest + suffix, MAX_KEY_BYTES - head.length)
  }

  get #suffix(): string {
    if (!this.#tenants.areKept) return ''
    // No tenant is called '': that is what nobody's keys end in.
    return `=${rememberedName(this.#tenants.current ?? '')}`
  }

  #braced(tag: string): string {
    if (this.#hashTags.length === 0) return `{${tag}}`
    return `{${hashTagOf(tag, this.#hashTags)}}{${tag}}`
  }
}

const remembered = new Map<string, string>()

function rememberedName(name: string): string {
  const known = remembered.get(name)
  if (known !== undefined) return known
  const encoded = encodeText(name)
  if (encoded.length > MAX_KEY_BYTES) return encoded
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(name, encoded)
  return encoded
}

function shortName(name: string, max: number): string {
  return shortened(rememberedName(name), max)
}

function shortened(part: string, max: number): string {
  return part.length <= max ? part : DIGESTED + digestOf(part)
}
