import { mutation } from './mutation'

const MEMBER = 'if (kinds.some((kind) => NOT_THERE.includes(kind))) return []'

/** Rules of near tiers on many servers, and of servers that hang beside others. */
export const MUTATIONS_OF_CLUSTERS = [
  mutation(
    'H16',
    'keeps what was read before its token moved',
    'the near tier on a cluster keeps nothing of a read that a push overtook, at any server (H16)',
    [
      'near/near-tier.ts',
      'seen.some(({ token, state }) => state.marked || this.#hasMovedSince(token.key, since))',
      'seen.some(({ state }) => state.marked)',
    ],
  ),
  mutation(
    'H17',
    'goes on while one of the servers is not heard',
    'the near tier on a cluster is off when a primary has died, and on again once another has its slots',
    ['store/cluster-push.ts', '[...needed].every(', '[...needed].some('],
  ),
  mutation(
    'H17',
    'forgets what went untold by a server that it could do without',
    'ClusterPush begins anew when a server is heard again that it could do without',
    [
      'store/cluster-push.ts',
      'if (hears && wasListening && this.#isListening) this.#listener.listening()',
      'if (hears && wasListening) this.#compare()',
    ],
  ),
  mutation(
    'H18',
    'waits in a fence for one server',
    'the near tier on a cluster waits in a fence for every server: one that says nothing costs the tier what it holds',
    [
      'store/cluster-push.ts',
      'heard.map(({ push }) => push.fence())',
      'heard.slice(0, 1).map(({ push }) => push.fence())',
    ],
  ),
  mutation(
    'H21',
    'listens to primaries alone',
    'the near tier on a cluster hears of a server that is made a primary, from its first write on',
    [
      'store/cluster-members.ts',
      MEMBER,
      "if (kinds.some((kind) => kind === 'slave' || NOT_THERE.includes(kind))) return []",
    ],
  ),
  mutation(
    'H22',
    'listens to the servers that it found at first',
    'the near tier on a cluster hears of a slot that a server gets which has joined',
    [
      'store/cluster-push.ts',
      'for (const address of known) if (!this.#ears.has(address)) this.#listenTo(address)',
      'if (this.#ears.size === 0) for (const address of known) this.#listenTo(address)',
    ],
  ),
  mutation(
    'H22',
    'believes a fence whoever may have joined since',
    'ClusterPush promises nothing once nobody has told for long who the servers are',
    ['store/cluster-push.ts', 'this.#seenAtMs > OLD_MS', 'this.#seenAtMs > Infinity'],
  ),
]
