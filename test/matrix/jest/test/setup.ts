import 'reflect-metadata'
import { sweepMatchers, type SweepMatchers } from 'typeorm-sweeper/testing'

expect.extend(sweepMatchers)

declare global {
  namespace jest {
    interface Matchers<R> extends SweepMatchers<R> {}
  }
}
