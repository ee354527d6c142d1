export { gate, Hold, type Gate } from '../../src/testing/hold'
