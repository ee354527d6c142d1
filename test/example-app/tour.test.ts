import { expect } from 'chai'
import { type Database, openDatabase } from '../../example-app/database'
import { seed } from '../../example-app/seed'
import { StartFailure } from '../../example-app/start-failure'
import { tour as runTour } from '../../example-app/tour'
import { Sweeper } from '../../src/index'
import { describeWith } from '../support/services'
import { type Finished, runApp } from './app-process'

/** The first number after a label: how many fragments were rendered. */
function renderedIn(stdout: string): readonly number[] {
  return [...stdout.matchAll(/^ {2}(?:first|second|  then).*? {2,}(\d+) /gm)].map((match) =>
    Number(match[1]),
  )
}

describe('the tour of the example app', () => {
  let tour: Finished

  before(async () => {
    tour = await runApp({ args: ['--once'] })
  })

  it('ends well and has nothing to complain about', () => {
    expect(tour).to.include({ code: 0, stderr: '' })
  })

  it('renders everything, nothing, two, three and no fragments', () => {
    expect(renderedIn(tour.stdout)).to.deep.equal([39, 0, 2, 3, 0])
  })

  it('names what was rendered again', () => {
    expect(tour.stdout)
      .to.match(/vote for comment 12\b.*\n.* Article 1, Comment 12\n/)
      .and.match(/moves to article 3\b.*\n.* Article 1, Article 3, Comment 12\n/)
      .and.match(/rolled back.*\n.* nothing\n/)
  })

  it('says which database and which store it uses', () => {
    expect(tour.stdout)
      .to.match(/database +PostgreSQL inside this process/)
      .and.match(/store +this process's memory/)
  })
})

describeWith(['postgres', 'redisServer'], 'the tour on servers', ({ postgres, redisServer }) => {
  let first: Finished
  let second: Finished

  before(async () => {
    const redis = await redisServer.start()
    const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url }
    first = await runApp({ args: ['--once'], env })
    second = await runApp({ args: ['--once'], env })
  })

  it('renders as much as on the embedded ones', () => {
    expect(first).to.include({ code: 0, stderr: '' })
    expect(renderedIn(first.stdout)).to.deep.equal([39, 0, 2, 3, 0])
  })

  it('keeps the content, and no fragment of the run before', () => {
    expect(second).to.include({ code: 0, stderr: '' })
    expect(second.stdout).to.include('71 votes, as they were left')
    expect(renderedIn(second.stdout)).to.deep.equal([39, 0, 2, 3, 0])
  })

  it('says which schema its tables are in', () => {
    expect(first.stdout).to.match(
      /database +PostgreSQL at \S+, tables in its schema sweeper_example/,
    )
  })
})

describe('the tour without a cache', () => {
  let database: Database
  let sweeper: Sweeper

  before(async () => {
    database = await openDatabase(undefined)
    sweeper = new Sweeper(database.dataSource, { enabled: false })
    await seed(database.dataSource)
  })
  after(() => database.close())

  it('fails at the first step that is not as promised, and says how', async () => {
    const { dataSource } = database
    const failure = await runTour({ dataSource, sweeper }, () => undefined).catch(
      (error: unknown) => error,
    )

    expect(failure).to.be.instanceOf(StartFailure)
    expect(failure)
      .to.have.property('message')
      .that.matches(
        /^tour: after "second view" the view should have rendered nothing, but rendered Article 1,/,
      )
  })
})
