export { gate, Hold } from '../../src/testing/hold'
