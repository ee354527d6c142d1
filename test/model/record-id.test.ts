import { expect } from 'chai'
import { Column, DataSource, Entity, In, PrimaryColumn, type ValueTransformer } from 'typeorm'
import type { EntityTarget } from '../../src/model/entity-class'
import { EntityGraph } from '../../src/model/entity-graph'
import type { EntityType } from '../../src/model/entity-type'
import { idFromEntity, idFromRow, idFromValue } from '../../src/model/record-id'
import { sqljs } from '../support/services'
import { Article, ENTITIES, Line, Parcel, Seat, User, Video, Vote } from './fixtures'

/** A key that is an object in code and text in the database. */
class Isbn {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const isbn: ValueTransformer = {
  to: (value?: Isbn) => value?.text,
  from: (text?: string) => (text === undefined ? undefined : new Isbn(text)),
}

@Entity()
class Book {
  @PrimaryColumn({ type: 'varchar', transformer: isbn }) isbn!: Isbn
  @Column({ default: '' }) title!: string
}

@Entity()
class Wide {
  @PrimaryColumn({ type: 'uuid' }) uuid!: string
  @PrimaryColumn({ type: 'datetime' }) at!: Date
  @PrimaryColumn({ type: 'date' }) day!: string
  @PrimaryColumn({ type: 'blob' }) bytes!: Buffer
  @PrimaryColumn({ type: 'decimal' }) price!: string
  @PrimaryColumn({ type: 'boolean' }) flag!: boolean
  @PrimaryColumn() text!: string
}

describe('a record id', () => {
  let dataSource: DataSource
  const typeOf = (target: EntityTarget): EntityType =>
    EntityGraph.of(dataSource).typeOfTarget(target) ?? expect.fail('fixture: no type')
  const textOf = (target: EntityTarget, value: unknown): string =>
    idFromValue(typeOf(target), value).text

  before(async () => {
    const entities = [...ENTITIES, Book, Wide]
    dataSource = await new DataSource({ ...sqljs(), entities }).initialize()
  })
  after(() => dataSource.destroy())

  describe('of a value', () => {
    it('is the same for every form of a whole number', () => {
      const forms = [17, '17', 17n, 1.7e1, ' 17', '017', '+17']

      expect(new Set(forms.map((form) => textOf(Article, form)))).to.deep.equal(new Set(['17']))
      expect([0, -0, '0', '-0', 0n].map((form) => textOf(Article, form))).to.deep.equal(
        Array.from({ length: 5 }, () => '0'),
      )
      expect(textOf(Article, -5)).to.equal('-5')
    })

    it('is exact beyond 2^53', () => {
      expect(textOf(Vote, '9007199254740993')).to.equal('9007199254740993')
      expect(textOf(Vote, 9007199254740993n)).to.equal('9007199254740993')
      expect(textOf(Vote, 1e21)).to.equal('1000000000000000000000')
    })

    it('is an error where a whole number is wanted and something else is given', () => {
      for (const wrong of ['17abc', '', 'abc', 1.5, NaN, Infinity, null, undefined, new Date(NaN)])
        expect(() => idFromValue(typeOf(Article), wrong))
          .to.throw(
            /^record\(Article, .*\): that is no value of the primary key; "id" takes a whole/,
          )
          .with.property('code', 'SWEEPER_INVALID_SUBJECT')
    })

    it('takes the parts of a composite key from an object, in any order', () => {
      expect(textOf(Line, { position: 3, tenant: 'a,b', orderNumber: '7' })).to.equal('a%2Cb,7,3')
    })

    it('names the parts that are missing', () => {
      expect(() => idFromValue(typeOf(Line), { tenant: 'a', position: null }))
        .to.throw(
          'the key lacks "orderNumber", "position"; give an object with "tenant", "orderNumber"',
        )
        .with.property('code', 'SWEEPER_INVALID_SUBJECT')
      expect(() => idFromValue(typeOf(Line), 7)).to.throw(
        'record(Line, 7): the key has several parts; give an object with "tenant", "orderNumber", "position"',
      )
      expect(() => idFromValue(typeOf(Article), {})).to.throw('the key lacks "id"')
    })

    it('takes embedded keys as entities have them', () => {
      const { text, map } = idFromValue(typeOf(Parcel), { key: { carrier: 'post', code: '1' } })

      expect(text).to.equal('post,1')
      expect(map).to.deep.equal({ key: { carrier: 'post', code: '1' } })
    })

    it('takes an object for a single key too, an entity among them', () => {
      const article = Object.assign(new Article(), { id: 17 })

      expect(textOf(Article, { id: '17' })).to.equal('17')
      expect(textOf(Article, article)).to.equal('17')
    })

    it('of a key that is a relation is the key of the related record', () => {
      expect(textOf(Seat, 5)).to.equal('5')
      expect(textOf(Seat, { owner: { id: 5 } })).to.equal('5')
      expect(idFromValue(typeOf(Seat), 5).map).to.deep.equal({ owner: 5 })
    })

    it('with a transformer is what the database has', () => {
      const id = idFromValue(typeOf(Book), new Isbn('978'))

      expect(id.text).to.equal('978')
      expect(id.map).to.deep.equal({ isbn: new Isbn('978') })
      expect(textOf(Book, { isbn: new Isbn('978') })).to.equal('978')
    })

    it('is the same for every form of other kinds', () => {
      const forms = {
        uuid: ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
        at: [new Date(0), '1970-01-01T00:00:00.000Z'],
        day: ['2026-03-01', new Date(2026, 2, 1, 23, 59)],
        bytes: [Buffer.from('hi'), new Uint8Array([104, 105])],
        price: ['1.50', 1.5],
        flag: [true, 1],
        text: ['17', 17],
      }
      const given = (at: 0 | 1): object =>
        Object.fromEntries(Object.entries(forms).map(([name, values]) => [name, values[at]]))

      const text = textOf(Wide, given(0))

      expect(textOf(Wide, given(1))).to.equal(text)
      expect(text).to.equal(
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,1970-01-01T00%3A00%3A00.000Z,2026-03-01,6869,1.5,true,17',
      )
    })

    it('keeps texts apart that differ in anything', () => {
      const texts = ['a', 'A', ' a', 'a ', 'ä', 'a\u0308', '', '%', 'a,b', 'a%2Cb'].map((text) =>
        textOf(Wide, {
          ...{ uuid: 'u', at: new Date(0), day: 'd', bytes: Buffer.of(), price: 0, flag: 0 },
          text,
        }),
      )

      expect(new Set(texts).size).to.equal(texts.length)
    })

    it('has the key in the form that conditions take', () => {
      expect(idFromValue(typeOf(Article), '17').map).to.deep.equal({ id: 17 })
      expect(idFromValue(typeOf(Vote), 17n).map).to.deep.equal({ id: 17 })
      expect(idFromValue(typeOf(Vote), '9007199254740993').map).to.deep.equal({
        id: '9007199254740993',
      })
    })
  })

  describe('of an entity', () => {
    it('is read off its key', () => {
      expect(idFromEntity(typeOf(Article), { id: 17, title: 'x' })?.text).to.equal('17')
      expect(idFromEntity(typeOf(Video), Object.assign(new Video(), { id: 3 }))?.text).to.equal('3')
      expect(idFromEntity(typeOf(Seat), { owner: { id: 5 } })?.text).to.equal('5')
    })

    it('is unknown if a part of the key is missing, null or no value', () => {
      expect(idFromEntity(typeOf(Article), {})).to.equal(undefined)
      expect(idFromEntity(typeOf(Article), { id: null })).to.equal(undefined)
      expect(idFromEntity(typeOf(Article), { id: () => 'nextval()' })).to.equal(undefined)
      expect(idFromEntity(typeOf(Article), { id: In([1, 2]) })).to.equal(undefined)
      expect(idFromEntity(typeOf(Article), { id: 'x' })).to.equal(undefined)
      expect(idFromEntity(typeOf(Line), { tenant: 'a', position: 1 })).to.equal(undefined)
      expect(idFromEntity(typeOf(Parcel), {})).to.equal(undefined)
      expect(idFromEntity(typeOf(Seat), { owner: new User() })).to.equal(undefined)
    })
  })

  describe('of a row', () => {
    it('is what stands in it, whatever that is', () => {
      expect(idFromRow(typeOf(Article), ['17']).text).to.equal('17')
      expect(idFromRow(typeOf(Article), ['odd']).text).to.equal('odd')
      expect(idFromRow(typeOf(Line), ['a', 7n, 3]).text).to.equal('a,7,3')
      const { text, map } = idFromRow(typeOf(Book), ['978'])
      expect(text).to.equal('978')
      expect(map).to.deep.equal({ isbn: new Isbn('978') })
    })
  })
})
