export { GatedStore } from '../../src/testing/gated-store'
