import { expect } from 'chai'

/** As much of a client of ioredis 5 or 6 as is needed here. */
interface SendingClient {
  sendCommand(command: { readonly name: string }, ...rest: never[]): unknown
}

/** The commands a client was asked to send since the recording began or was reset: `['mget', 'evalsha']`. */
export class RedisCommandRecorder {
  readonly commands: string[] = []

  get count(): number {
    return this.commands.length
  }

  reset(): void {
    this.commands.length = 0
  }

  matching(pattern: RegExp): readonly string[] {
    return this.commands.filter((command) => pattern.test(command))
  }
}

/**
 * Records the names of the commands that one client sends, each command of a pipeline too, and the
 * handshake when it connects again. A command that has to wait for the connection counts once
 * (ioredis passes the same object through `sendCommand` again).
 */
export function recordRedisCommands(client: SendingClient): RedisCommandRecorder {
  const recorder = new RedisCommandRecorder()
  const send = client.sendCommand.bind(client)
  const seen = new WeakSet<object>()
  client.sendCommand = (command, ...rest) => {
    if (!seen.has(command)) recorder.commands.push(command.name)
    seen.add(command)
    return send(command, ...rest)
  }
  return recorder
}

/**
 * Fails unless exactly `count` commands are sent while `work` runs; the message lists them.
 *
 * @returns what `work` resolves to
 */
export async function expectRedisCommands<T>(
  recorder: RedisCommandRecorder,
  count: number,
  work: () => Promise<T>,
): Promise<T> {
  const before = recorder.count
  const result = await work()
  const sent = recorder.commands.slice(before)
  expect(sent.length, `commands sent: ${sent.join(', ')}`).to.equal(count)
  return result
}
