import { setTimeout as delay } from 'node:timers/promises'

/** Awaits a condition, asked again every few milliseconds. */
export async function until(
  what: string,
  withinMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`)
    await delay(10)
  }
}
