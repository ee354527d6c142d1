/**
 * For stores of your own: what the commands do to a token, as pure functions, so that only keeping is left to the store.
 * See docs/writing-a-store.md.
 */
export { markOwner, wholeLife } from './store/command-arguments'
export { newNonce } from './store/nonce'
export { parseToken } from './store/token'
export { mark, mint, sweep, unmark } from './store/token-machine'
export type { Moment, Slot } from './store/token-machine'
export type { Owner } from './store/token-text'
