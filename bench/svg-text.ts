/** Readable on white and on black. */
export const GREY = '#808080'

export interface TextPlace {
  readonly at: readonly [number | string, number]
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly size?: number
}

export function svgText(
  content: string,
  { at: [x, y], anchor = 'start', size = 12 }: TextPlace,
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="${GREY}">${escaped(content)}</text>`
}

export function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
