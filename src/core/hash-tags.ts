/**
 * For stores on many servers: few hash tags, as many as slots are needed to spread keys evenly, instead of one per
 * record. What is named picks its tag by a hash of the name, the same in every process. A record, its lists, its entries
 * and a copy of its type's token share a slot, and so a command or script; a sweep of any number of records takes at
 * most one script per tag.
 */
export function hashTagOf(name: string, hashTags: readonly string[]): string {
  return hashTags[hashOf(name) % hashTags.length] ?? ''
}

/** What stands before the braces of a type in the key of its token; no other part of a key has a brace. */
const BEFORE_TYPE = ':y:{'

/** The copy of a type's token that stands under this hash tag. */
export function typeCopy(typeKey: string, hashTag: string): string {
  const at = typeKey.lastIndexOf(BEFORE_TYPE) + BEFORE_TYPE.length - 1
  return `${typeKey.slice(0, at)}{${hashTag}}${typeKey.slice(at)}`
}

/**
 * Every copy of a type's token, where the key names them all: the first is the one that stands for them in replies.
 * Undefined for other keys, and for a copy's own.
 */
export function typeCopies(
  key: string,
  hashTags: readonly string[],
): readonly string[] | undefined {
  const at = key.lastIndexOf(BEFORE_TYPE)
  const end = key.indexOf('}')
  // Behind the brace there may be a tenant; another brace is that of a copy.
  if (at < 0 || end !== key.lastIndexOf('}')) return undefined
  const first = hashTagOf(key.slice(at + BEFORE_TYPE.length, end), hashTags)
  const others = hashTags.filter((tag) => tag !== first)
  return [first, ...others].map((tag) => typeCopy(key, tag))
}

/** The key that names every copy, of a copy's; other keys as they are. */
export function allCopiesOf(key: string): string {
  return key.replace(/(?<=:y:)\{[^}]*\}(?=\{)/, '')
}

/** FNV-1a: cheap for short texts, and even. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
