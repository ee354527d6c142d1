import { deepStrictEqual } from 'node:assert'

/** Asserts of some properties, and says nothing of the others. */
export function has<T extends object>(actual: T | undefined, expected: Partial<T>): void {
  const named = Object.keys(expected).map((name) => [name, actual?.[name as keyof T]])
  deepStrictEqual(Object.fromEntries(named), expected)
}
