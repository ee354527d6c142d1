/** Longer delays overflow Node's timers and would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Settles as `work` does, or rejects when the time is up; what `work` does after that is ignored.
 *
 * @param late makes the error to reject with
 */
export function withDeadline<T>(
  work: Promise<T>,
  deadlineMs: number,
  late: () => Error,
): Promise<T> {
  if (deadlineMs > LONGEST_TIMER_MS) return work
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // A process that was busy finds timers and replies due at once, timers first: one turn for the replies.
      setImmediate(() => reject(late()))
    }, deadlineMs)
    timer.unref()
    work.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: Error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
