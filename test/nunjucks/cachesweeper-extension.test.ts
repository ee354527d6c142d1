import { expect } from 'chai'
import { Environment, Loader, type ILoader } from 'nunjucks'
import type { DataSource } from 'typeorm'
import { record, type Sweeper } from '../../src/index'
import { cachesweeper } from '../../src/nunjucks'
import { sqljs } from '../support/services'
import { Article, Comment } from '../support/zoo'
import { zooSweeper } from '../support/zoo-sweeper'

describe('the Nunjucks tag cachesweeper', () => {
  let dataSource: DataSource
  let sweeper: Sweeper
  let templates: Record<string, string>
  let env: Environment
  /** Calls of the filter `seen`: what was rendered. */
  let renders: unknown[]
  let scope: Record<string, unknown>
  let id: number

  before(async () => {
    ;({ dataSource, sweeper } = await zooSweeper(sqljs()))
  })
  after(() => dataSource.destroy())
  beforeEach(async () => {
    const article = await dataSource.getRepository(Article).save({})
    id = (await dataSource.getRepository(Comment).save({ article })).id
    scope = { comment: record(Comment, id), article: record(Article, article.id), text: '<x>' }
    templates = {}
    renders = []
    const getSource = (name: string): unknown => {
      const src = templates[name]
      return src === undefined ? null : { src, path: name, noCache: true }
    }
    env = new Environment(Object.assign(new Loader(), { getSource }) as unknown as ILoader, {
      autoescape: true,
    })
    env.addFilter('seen', (value: unknown) => {
      renders.push(value)
      return value
    })
    env.addExtension('cachesweeper', cachesweeper(sweeper))
  })

  function page(more: Record<string, unknown> = {}): Promise<string> {
    renders = []
    return new Promise((resolve, reject) => {
      env.render('page', { ...scope, ...more }, (error, html) => {
        if (error === null) resolve(html ?? '')
        else reject(error)
      })
    })
  }

  async function warmed(): Promise<string> {
    await page()
    return page()
  }

  async function failure(template: string, more = {}): Promise<string> {
    templates['page'] = template
    return page(more).then(
      () => 'it was rendered',
      (error: Error) => error.message,
    )
  }

  for (const tag of [
    'cachesweeper comment, 500, "comment.xml", locale',
    'cachesweeper comment 500 "comment.xml" locale',
    'cachesweeper comment, key="card", ttl="10m", vary=locale',
  ])
    describe(`as ${tag}`, () => {
      beforeEach(() => {
        templates['page'] = `-{% ${tag} %}{{ text | seen }}{% endcachesweeper %}-`
      })

      it('renders the body once, escaped, and on a hit not', async () => {
        expect(await page()).to.equal('-&lt;x&gt;-')
        expect(renders).to.deep.equal(['<x>'])

        expect(await page({ text: 'y' })).to.equal('-&lt;x&gt;-')
        expect(renders).to.deep.equal([])
      })

      it('renders it again when the record was written, and keeps what varies apart', async () => {
        await warmed()
        expect(await page({ locale: 'de', text: 'y' })).to.equal('-y-')

        await dataSource.getRepository(Comment).update({ id }, { text: 'new' })

        expect(await page({ text: 'z' })).to.equal('-z-')
      })
    })

  it('makes another fragment when what is included, imported or extended changes', async () => {
    const body = '{{ "b" | seen }}{% if text %}{% include "card" %}{% endif %}{{ m.macro() }}'
    templates['page'] =
      `{% extends "base" %}{% import "macros" as m %}{% block main %}{% cachesweeper comment, 60 %}${body}{% endcachesweeper %}{% endblock %}`
    templates['base'] = '[{% block main %}{% endblock %}]'
    templates['macros'] = '{% macro macro() %}macro{% endmacro %}'
    templates['card'] = '{% include "name" %}'
    templates['name'] = 'name'
    expect(await warmed()).to.equal('[bnamemacro]')
    expect(renders).to.deep.equal([])

    for (const [name, text, html] of [
      ['name', 'NAME', '[bNAMEmacro]'],
      ['macros', '{% macro macro() %}MACRO{% endmacro %}', '[bNAMEMACRO]'],
      ['base', '({% block main %}{% endblock %})', '(bNAMEMACRO)'],
    ] as const) {
      templates[name] = text
      expect(await page()).to.equal(html)
      expect(renders).to.deep.equal(['b'])
    }
  })

  it('sweeps the fragments around it, whether it was in the cache or not', async () => {
    templates['page'] =
      '{% cachesweeper article, 60 %}{{ "outer" | seen }}{% include "card" %}{% endcachesweeper %}'
    templates['card'] =
      '{% for i in [1, 2] %}{% cachesweeper other, 60, i %}{{ i | seen }}{% endcachesweeper %}{% endfor %}'
    const other = await dataSource.getRepository(Article).save({})
    scope['other'] = record(Article, other.id)
    expect(await warmed()).to.equal('outer12')
    expect(renders).to.deep.equal([])
    await dataSource.getRepository(Article).update({ id: other.id }, { title: 'a' })
    await page()
    expect(renders).to.deep.equal(['outer', 1, 2])

    await dataSource
      .getRepository(Article)
      .update({ id: (scope['article'] as { id: number }).id }, { title: 'b' })
    await page()
    expect(renders).to.deep.equal(['outer'])

    await dataSource.getRepository(Article).update({ id: other.id }, { title: 'c' })
    await page()
    expect(renders).to.deep.equal(['outer', 1, 2])
  })

  describe('says what is wrong, with template and line:', () => {
    for (const [what, tag, message] of [
      [
        'a missing record',
        'missing, 60',
        'cachesweeper: "missing" is undefined here; hand the template an entity, or what record(Entity, id) returns, line:2',
      ],
      [
        'seconds that are none',
        'comment, "a"',
        'cachesweeper: "a" is no number of seconds; after the record come seconds, then what the fragment varies by, or name it: ttl: "10m", line:2',
      ],
      [
        'a wrong ttl',
        'comment, key="card", ttl="10 minutes"',
        'getOrSet "card": ttl: "10 minutes" is no duration; give milliseconds or text such as "500ms", "30s", "10m", "2h", "1d", line:2',
      ],
      [
        'an unknown option',
        'comment, tll="10m"',
        '[Line 2, Column 4]\n  cachesweeper: "tll" is no option; there are key, ttl, vary, partials',
      ],
      [
        'no record',
        '',
        '[Line 2, Column 4]\n  cachesweeper: it names no record; write {% cachesweeper comment, 500, "comment.xml" %} or {% cachesweeper comment, key="card", ttl="10m", vary=locale %}',
      ],
    ] as const)
      it(what, async () => {
        const told = await failure(`\n{% cachesweeper ${tag} %}{% endcachesweeper %}`)

        expect(told).to.contain('(page)')
        expect(told).to.contain(message)
      })

    it('a block in the body', async () => {
      expect(
        await failure('{% cachesweeper comment %}{% block a %}{% endblock %}{% endcachesweeper %}'),
      ).to.contain('put the cachesweeper tag inside the block')
    })

    it('an included name that is an expression, unless it is given', async () => {
      templates['card'] = 'card'
      const rest = '{% include file %}{% endcachesweeper %}'

      expect(await failure(`{% cachesweeper comment %}${rest}`, { file: 'card' })).to.contain(
        'name what it can be: partials="card.njk", or partials=names, line:1',
      )
      scope['file'] = 'card'
      templates['page'] = `{% cachesweeper comment, partials=file %}${rest}`
      expect(await warmed()).to.equal('card')
      templates['card'] = 'CARD'
      expect(await page()).to.equal('CARD')
    })

    it('once, however many tags are around it', async () => {
      const told = await failure(
        '{% cachesweeper comment %}\n{% cachesweeper missing %}{% endcachesweeper %}{% endcachesweeper %}',
      )

      expect(told.match(/line:/g)).to.deep.equal(['line:'])
      expect(told).to.contain('line:2')
    })
  })
})
