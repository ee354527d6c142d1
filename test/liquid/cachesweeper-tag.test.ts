import { expect } from 'chai'
import { Liquid, type LiquidOptions } from 'liquidjs'
import type { DataSource } from 'typeorm'
import { record, type Sweeper, type SweeperError } from '../../src/index'
import { cachesweeper } from '../../src/liquid'
import { sqljs } from '../support/services'
import { Article, Comment, Tag } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

describe('the LiquidJS tag cachesweeper', () => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let templates: Record<string, string>
  let engine: Liquid
  /** Calls of the filter `seen`: what was rendered. */
  let renders: unknown[]
  let comment: Comment
  let scope: Record<string, unknown>

  before(async () => {
    ;({ dataSource, sweeper } = await zooSweeper(sqljs()))
  })
  after(() => dataSource.destroy())
  beforeEach(async () => {
    const article = await dataSource.getRepository(Article).save({})
    const comments = dataSource.getRepository(Comment)
    comment = await comments.save(comments.create({ text: 'c', article }))
    scope = {
      comment: record(Comment, comment.id),
      text: 'x',
      article: record(Article, article.id),
    }
    renders = []
    templates = {}
    engine = engineOf()
  })

  function engineOf(options: LiquidOptions = {}): Liquid {
    const made = new Liquid({ templates, ...options })
    made.registerFilter('seen', (value: unknown) => {
      renders.push(value)
      return value
    })
    made.plugin(cachesweeper(sweeper))
    return made
  }

  async function page(more: Record<string, unknown> = {}): Promise<string> {
    renders = []
    return engine.renderFile('page', { ...scope, ...more })
  }

  /** The fill is not waited for; in memory it is there when the next tick begins. */
  async function warmed(): Promise<string> {
    const html = await page()
    await page()
    return html
  }

  async function failure(
    template: string,
    more = {},
  ): Promise<Error & { originalError?: unknown }> {
    templates['page'] = template
    try {
      await page(more)
    } catch (error) {
      return error as Error
    }
    throw new Error('it was rendered')
  }

  function code({ originalError }: { originalError?: unknown }): unknown {
    return (originalError as SweeperError).code
  }

  for (const [form, tag] of [
    ['record, seconds, then what varies', 'cachesweeper comment 500 "comment.xml" locale'],
    ['the same with commas', 'cachesweeper comment, 500, "comment.xml", locale'],
    ['names', 'cachesweeper comment, key: "card", ttl: "10m", vary: locale'],
    ['names without commas', 'cachesweeper comment key: "card" ttl: "10m" vary: locale'],
    ['names after seconds', 'cachesweeper comment 500 key: "card" vary: locale'],
  ] as const)
    describe(`with ${form}`, () => {
      beforeEach(() => {
        templates['page'] = `<{% ${tag} %}{{ text | seen }}{% endcachesweeper %}>`
      })

      it('renders the body once, and on a hit not', async () => {
        expect(await page()).to.equal('<x>')
        expect(renders).to.deep.equal(['x'])

        expect(await page({ text: 'y' })).to.equal('<x>')
        expect(renders).to.deep.equal([])
      })

      it('renders it again when the record was written', async () => {
        await warmed()

        await dataSource.getRepository(Comment).update({ id: comment.id }, { text: 'new' })

        expect(await page({ text: 'y' })).to.equal('<y>')
      })

      it('keeps what varies apart', async () => {
        await warmed()

        expect(await page({ locale: 'de', text: 'Deutsch' })).to.equal('<Deutsch>')
        expect(await page()).to.equal('<x>')
      })
    })

  it('names the fragment after its key, or the first text it varies by', async () => {
    const keys: string[] = []
    const off = sweeper.on('fill', ({ key }) => keys.push(key))
    for (const tag of ['comment 5 "comment.xml"', 'comment, key: "card"', 'comment', 'comment 5 1'])
      await engine.parseAndRender(`{% cachesweeper ${tag} %}{% endcachesweeper %}`, scope)
    off()

    expect(keys).to.deep.equal(['comment.xml', 'card', 'cachesweeper', 'cachesweeper'])
  })

  it('gives the fragment the life that is asked for', async () => {
    templates['page'] = '{% cachesweeper comment 0 %}{{ text | seen }}{% endcachesweeper %}'
    await warmed()
    expect(renders).to.deep.equal(['x'])

    templates['page'] =
      '{% cachesweeper comment, ttl: "0s" %}{{ text | seen }}{% endcachesweeper %}'
    await warmed()
    expect(renders).to.deep.equal(['x'])
  })

  it('takes an entity that was loaded for the page', async () => {
    templates['page'] =
      '{% cachesweeper comment 60 %}{{ comment.text | seen }}{% endcachesweeper %}'
    const loaded = (): Promise<Comment> =>
      dataSource.getRepository(Comment).findOneByOrFail({ id: comment.id })
    await page({ comment: await loaded() })
    await until(async () => {
      await page({ comment: await loaded() })
      return renders.length === 0
    })

    await dataSource.getRepository(Comment).save({ id: comment.id, text: 'new' })

    expect(await page({ comment: await loaded() })).to.equal('new')
  })

  it('tells static analysis what it uses', async () => {
    const parsed = engine.parse(
      '{% cachesweeper comment 5 locale %}{{ text }}{% endcachesweeper %}',
    )

    expect(await engine.globalVariables(parsed)).to.have.members(['comment', 'locale', 'text'])
  })

  describe('changed templates', () => {
    const change = async (name: string): Promise<readonly unknown[]> => {
      await warmed()
      expect(renders).to.deep.equal([])
      templates[name] = `${templates[name]}!`
      expect(await page()).to.contain('!')
      return renders
    }

    it('are other fragments: the body', async () => {
      templates['page'] = '{% cachesweeper comment 60 %}{{ text | seen }}{% endcachesweeper %}'
      await warmed()

      templates['page'] = '{% cachesweeper comment 60 %}{{ text | seen }}!{% endcachesweeper %}'

      expect(await page()).to.equal('x!')
    })

    it('are the same fragment when they differ outside the body', async () => {
      templates['page'] = '{% cachesweeper comment 60 %}{{ text | seen }}{% endcachesweeper %}'

      await change('page')

      expect(renders).to.deep.equal([])
    })

    for (const tag of ['render', 'include'])
      it(`are other fragments: what is included by ${tag}, at any depth and in any branch`, async () => {
        templates['page'] =
          `{% cachesweeper comment 60 %}{% if text %}{% ${tag} "card", text: text %}{% endif %}{% endcachesweeper %}`
        templates['card'] = `[{% ${tag} "name", text: text %}]`
        templates['name'] = '{{ text | seen }}'

        expect(await change('card')).to.deep.equal(['x'])
        expect(await change('name')).to.deep.equal(['x'])
      })

    it('are other fragments: the layout of a partial', async () => {
      templates['page'] = '{% cachesweeper comment 60 %}{% include "card" %}{% endcachesweeper %}'
      templates['card'] = '{% layout "frame" %}{% block text %}{{ text | seen }}{% endblock %}'
      templates['frame'] = '[{% block text %}{% endblock %}]'

      expect(await change('frame')).to.deep.equal(['x'])
      expect(await page()).to.equal('[x]!')
    })

    it('end in an endless inclusion only when that is rendered', async () => {
      templates['page'] =
        '{% cachesweeper comment 60 %}{% render "tree", depth: 3 %}{% endcachesweeper %}'
      templates['tree'] =
        '{{ depth }}{% if depth > 0 %}{% assign less = depth | minus: 1 %}{% render "tree", depth: less %}{% endif %}'

      expect(await page()).to.equal('3210')
    })

    it('are noticed by an engine that caches templates, as soon as it reads them again', async () => {
      engine = engineOf({ cache: true })
      templates['page'] = '{% cachesweeper comment 60 %}{% render "card" %}{% endcachesweeper %}'
      templates['card'] = 'old'
      expect(await warmed()).to.equal('old')

      templates['card'] = 'new'
      engine = engineOf({ cache: true })

      expect(await page()).to.equal('new')
    })

    it('whose names are expressions have to be named', async () => {
      templates['card'] = '{{ "card" | seen }}'
      const body = '{% render file %}{% endcachesweeper %}'

      const error = await failure(`\n{% cachesweeper comment 60 %}${body}`, { file: 'card' })
      expect(code(error)).to.equal('SWEEPER_TEMPLATE')
      expect(error.message).to.equal(
        'cachesweeper: {% render file %} names its template only when it is rendered, so its changes would go unseen; name what it can be: partials: "card.liquid", or partials: names, file:page, line:2, col:1',
      )

      scope['file'] = 'card'
      templates['page'] = `{% cachesweeper comment 60 partials: file %}${body}`
      expect(await change('card')).to.deep.equal(['card'])
    })
  })

  describe('nested', () => {
    beforeEach(async () => {
      const tag = await dataSource.getRepository(Tag).save({ slug: `${comment.id}` })
      scope['tag'] = record(Tag, tag.id)
      templates['page'] =
        '{% cachesweeper article 60 %}{{ "outer" | seen }}{% render "box", comment: comment, tag: tag %}{% endcachesweeper %}'
      templates['box'] =
        '{% cachesweeper tag 60 "box" %}{{ "inner" | seen }}{% cachesweeper comment 60 %}{{ "innermost" | seen }}{% endcachesweeper %}{% endcachesweeper %}'
    })

    it('renders what was swept and what is around it, and takes the rest from the cache', async () => {
      expect(await warmed()).to.equal('outerinnerinnermost')
      expect(renders).to.deep.equal([])

      await dataSource.getRepository(Tag).update({ slug: `${comment.id}` }, { label: 'new' })
      await page()

      expect(renders).to.deep.equal(['outer', 'inner'])
    })

    it('sweeps the outer fragments also when the inner ones were in the cache before', async () => {
      await engine.renderFile('box', scope)
      await page()
      expect(renders).to.deep.equal(['outer'])

      await dataSource.getRepository(Comment).update({ id: comment.id }, { text: 'new' })
      await page()

      expect(renders).to.deep.equal(['outer', 'inner', 'innermost'])
    })

    it('does not keep what has a fragment of another Sweeper in it', async () => {
      const other = await zooSweeper(sqljs(), { namespace: 'other' })
      const others = new Liquid({ templates })
      others.plugin(cachesweeper(other.sweeper))
      engine.registerFilter('theirs', () => others.renderFile('inner', scope))
      templates['inner'] = '{% cachesweeper comment 60 %}theirs{% endcachesweeper %}'
      templates['page'] =
        '{% cachesweeper article 60 %}{{ "ours" | seen }}{{ "" | theirs }}{% endcachesweeper %}'

      expect(await warmed()).to.equal('ourstheirs')

      expect(renders).to.deep.equal(['ours'])
      await other.dataSource.destroy()
    })
  })

  describe('wrong use, told with template and line', () => {
    it('rendering synchronously', () => {
      templates['page'] = '\n\n{% cachesweeper comment 60 %}{% endcachesweeper %}'

      expect(() => engine.renderFileSync('page', scope)).to.throw(
        'cachesweeper: the template is rendered synchronously, and a cache answers later; render it with parseAndRender() or renderFile(), file:page, line:3, col:1',
      )
    })

    for (const [what, tag, expected, message] of [
      [
        'a missing record',
        'comments.first 60',
        'SWEEPER_INVALID_SUBJECT',
        'cachesweeper: "comments.first" is undefined here; hand the template an entity, or what record(Entity, id) returns',
      ],
      [
        'seconds that are none',
        'comment "comment.xml"',
        'SWEEPER_INVALID_OPTION',
        'cachesweeper: "comment.xml" is no number of seconds; after the record come seconds, then what the fragment varies by, or name it: ttl: "10m"',
      ],
      [
        'seconds below 0',
        'comment -1',
        'SWEEPER_INVALID_OPTION',
        'cachesweeper: -1 is no number of seconds; after the record come seconds, then what the fragment varies by, or name it: ttl: "10m"',
      ],
      [
        'a wrong ttl',
        'comment, key: "card", ttl: "10 minutes"',
        'SWEEPER_INVALID_DURATION',
        'getOrSet "card": ttl: "10 minutes" is no duration; give milliseconds or text such as "500ms", "30s", "10m", "2h", "1d"',
      ],
      [
        'a record that is none',
        'text 60',
        'SWEEPER_INVALID_SUBJECT',
        'on: "x" names no record; name one with record(Entity, id)',
      ],
      [
        'an unknown option',
        'comment, tll: "10m"',
        'SWEEPER_TEMPLATE',
        'cachesweeper: "tll" is no option; there are key, ttl, vary, partials',
      ],
      [
        'no record',
        '',
        'SWEEPER_TEMPLATE',
        'cachesweeper: it names no record; write {% cachesweeper comment 500 "comment.xml" %} or {% cachesweeper comment, key: "card", ttl: "10m", vary: locale %}',
      ],
      [
        'a filter',
        'comment 60 locale | upcase',
        'SWEEPER_TEMPLATE',
        'cachesweeper: "| upcase" is no value; write {% cachesweeper comment 500 "comment.xml" %} or {% cachesweeper comment, key: "card", ttl: "10m", vary: locale %}',
      ],
    ] as const)
      it(what, async () => {
        const error = await failure(`\n{% cachesweeper ${tag} %}{% endcachesweeper %}`)

        expect(code(error)).to.equal(expected)
        expect(error.message).to.equal(`${message}, file:page, line:2, col:1`)
      })

    it('a tag that is not closed', async () => {
      expect((await failure('{% cachesweeper comment 60 %}')).message).to.contain(
        'cachesweeper: {% cachesweeper comment 60 %} is not closed; end it with {% endcachesweeper %}, file:page, line:1',
      )
    })

    it('a block in the body, which another template could fill', async () => {
      templates['frame'] =
        '{% cachesweeper comment 60 %}{% block text %}{% endblock %}{% endcachesweeper %}'
      const error = await failure('{% layout "frame" %}{% block text %}mine{% endblock %}')

      expect(error.message).to.contain(
        'cachesweeper: {% block text %} in its body may be filled by another template; put the cachesweeper tag inside the block, file:frame, line:1',
      )
    })

    it('leaving a loop that is around the tag', async () => {
      const error = await failure(
        '{% for i in (1..3) %}{% cachesweeper comment 60 %}{% break %}{% endcachesweeper %}{% endfor %}',
      )

      expect(error.message).to.contain('cachesweeper: its body ends a loop that is around it')
    })

    it('an error in the body, which reaches whoever renders, and nothing is kept', async () => {
      engine.registerFilter('fail', () => {
        throw new Error('no')
      })
      const broken = '{% cachesweeper comment 60 %}{{ text | fail }}{% endcachesweeper %}'

      expect((await failure(broken)).message).to.contain('no, file:page, line:1')
      expect((await failure(broken)).message).to.contain('no, file:page, line:1')
    })
  })
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it did not become true within a second')
}
