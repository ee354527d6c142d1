/** A server of a cluster, as another one lists it. */
export interface ClusterMember {
  /** `host:port`, as it is there; then by its name, where it has one. */
  readonly addresses: readonly [string, ...string[]]
  /** Whether a token may be moved there before it is asked for again: not by one that counts as dead and has no slots. */
  readonly mayServe: boolean
}

/** Flags of what is known by hearsay alone, or of nowhere. */
const NOT_THERE = ['handshake', 'noaddr']

/**
 * Reads what CLUSTER NODES answers: `<id> <ip:port@bus[,name]> <flags> <primary> <ping> <pong> <epoch> <link> <slot>…`.
 *
 * @param host of who answered: it may not know its own
 */
export function membersIn(reply: string, host: string): readonly ClusterMember[] {
  const lines = reply.split('\n').filter((line) => line !== '')
  return lines.flatMap((line) => {
    const [, where = '', flags = '', , , , , , ...slots] = line.split(' ')
    const kinds = flags.split(',')
    if (kinds.some((kind) => NOT_THERE.includes(kind))) return []
    return [{ addresses: addressesIn(where, host), mayServe: mayServe(kinds, slots) }]
  })
}

function mayServe(kinds: readonly string[], slots: readonly string[]): boolean {
  // In brackets: slots on their way.
  return !kinds.includes('fail') || slots.some((slot) => !slot.startsWith('['))
}

function addressesIn(where: string, host: string): readonly [string, ...string[]] {
  const [address = '', name = ''] = where.split(',')
  const [ip, port] = splitAt(address.split('@')[0] ?? '')
  const byIp = `${ip === '' ? host : ip}:${port}`
  return name === '' || name.includes('=') ? [byIp] : [byIp, `${name}:${port}`]
}

/** At the last colon: others are of an address of version 6. */
function splitAt(address: string): readonly [string, string] {
  const colon = address.lastIndexOf(':')
  return [address.slice(0, colon), address.slice(colon + 1)]
}
