import { Inject } from '@nestjs/common'

/** What a Sweeper is injected by; each DataSource has its own. */
export function sweeperToken(name = 'default'): string {
  return `typeorm-sweeper:${name}`
}

/**
 * Injects the Sweeper of a DataSource.
 *
 * @param name as given to `SweeperModule.forRoot({ name })`
 * @default 'default'
 * @example
 * constructor(@InjectSweeper() private readonly sweeper: Sweeper) {}
 */
export function InjectSweeper(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(sweeperToken(name))
}
