import { expect } from 'chai'
import {
  booleanText,
  caselessText,
  dayText,
  decimalText,
  instantText,
  integerText,
  paddedText,
  scalarText,
  type KeyText,
} from '../../src/model/key-text'

describe('the text of a key', () => {
  const CASES: readonly (readonly [string, KeyText, readonly (readonly [unknown, unknown])[]])[] = [
    [
      'of whole numbers is their digits',
      integerText,
      [
        [17, '17'],
        ['-017', '-17'],
        ['-0', '0'],
        [true, '1'],
        [false, '0'],
        [2 ** 60, '1152921504606846976'],
        ['1e3', undefined],
        ['0x11', undefined],
        [[17], undefined],
        [Symbol('17'), undefined],
      ],
    ],
    [
      'of decimals has no zeros that mean nothing',
      decimalText,
      [
        ['1.50', '1.5'],
        [1.5, '1.5'],
        ['001', '1'],
        ['.5', '0.5'],
        ['5.', '5'],
        ['0.00', '0'],
        ['-0.0', '0'],
        ['-00.10', '-0.1'],
        ['+2', '2'],
        [10n, '10'],
        ['1e21', '1e21'],
        ['NaN', 'NaN'],
        ['', undefined],
        [{}, undefined],
      ],
    ],
    [
      'without case is lower case',
      caselessText,
      [
        ['AbC', 'abc'],
        [{}, undefined],
      ],
    ],
    [
      'of char(n) has no blanks at its end',
      paddedText,
      [
        [' de  ', ' de'],
        [null, undefined],
      ],
    ],
    [
      'of booleans is true or false',
      booleanText,
      [
        [true, 'true'],
        [1, 'true'],
        ['t', 'true'],
        [0, 'false'],
        ['false', 'false'],
        [undefined, undefined],
      ],
    ],
    [
      'of moments is ISO 8601',
      instantText,
      [
        [new Date(0), '1970-01-01T00:00:00.000Z'],
        [0, '1970-01-01T00:00:00.000Z'],
        ['1970-01-01T01:00:00+01:00', '1970-01-01T00:00:00.000Z'],
        ['infinity', 'infinity'],
        [new Date(NaN), undefined],
      ],
    ],
    [
      'of days has no time',
      dayText(false),
      [
        ['2026-03-01', '2026-03-01'],
        ['2026-03-01T10:00:00Z', '2026-03-01'],
        [new Date(2026, 2, 1, 23, 59), '2026-03-01'],
        ['infinity', 'infinity'],
        [new Date(NaN), undefined],
        [{}, undefined],
      ],
    ],
    [
      'of days in UTC is the day there',
      dayText(true),
      [[new Date('2026-03-01T23:59:00Z'), '2026-03-01']],
    ],
    [
      'of everything else is what it is',
      scalarText,
      [
        ['a ', 'a '],
        [1.5, '1.5'],
        [-0, '0'],
        [5n, '5'],
        [true, 'true'],
        [NaN, undefined],
        [Buffer.from([0, 255]), '00ff'],
        [new Uint8Array([1, 2, 3]).subarray(1), '0203'],
        [[], undefined],
        [() => 1, undefined],
      ],
    ],
  ]
  for (const [what, textOf, values] of CASES)
    it(what, () => {
      for (const [value, text] of values) expect(textOf(value), String(value)).to.equal(text)
    })
})
