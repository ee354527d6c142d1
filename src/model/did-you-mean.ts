/**
 * The candidate that was probably meant: the nearest by edit distance, case and underscores aside, if it is near enough
 * that most of the word is right.
 *
 * @example
 * didYouMean('artcle', ['article', 'author']) // 'article'
 */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(folded(word), folded(candidate))
    if (distance < least) {
      least = distance
      nearest = candidate
    }
  }
  return nearest
}

function folded(word: string): string {
  return word.replaceAll('_', '').toLowerCase()
}

/** Levenshtein's: the number of characters to insert, remove or replace. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      const replaced = (previous[column - 1] ?? 0) + (same ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
