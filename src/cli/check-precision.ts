import type { DataSource, EntityMetadata } from 'typeorm'
import type { Sweeper } from '../index'
import type { Finding } from './findings'

type Column = EntityMetadata['columns'][number]

const SQLITE = ['sqlite', 'sqljs', 'better-sqlite3', 'expo', 'capacitor', 'cordova', 'react-native']
const MYSQL = ['mysql', 'mariadb', 'aurora-mysql']

/** `using` columns in which two writes shortly after one another have the same value. Tokens still tell them apart. */
export function checkPrecision(
  { options, entityMetadatas }: DataSource,
  { types }: ReturnType<Sweeper['graph']>,
): readonly Finding[] {
  return types.flatMap(({ name, using }): Finding[] => {
    if (using === undefined) return []
    const column = entityMetadatas
      .find((one) => one.name === name)
      ?.findColumnWithPropertyPath(using)
    const why = column && lowPrecision(column, options.type)
    if (why === undefined) return []
    return [
      {
        level: 'warning',
        text: `${name}.${using}: ${why}: as the attribute of "using" it tells no two writes of one second apart; the version token does. A @VersionColumn would`,
      },
    ]
  })
}

function lowPrecision(
  { type, precision, isUpdateDate }: Column,
  database: string,
): string | undefined {
  if (!/date|time/i.test(typeof type === 'function' ? type.name : type)) return undefined
  // typeorm facts 8: CURRENT_TIMESTAMP has whole seconds on SQLite; on MySQL an UPDATE writes it without "(6)".
  if (isUpdateDate && SQLITE.includes(database)) return 'SQLite writes whole seconds'
  if (isUpdateDate && MYSQL.includes(database))
    return 'TypeORM updates it with whole seconds on MySQL'
  if (precision !== null && precision !== undefined && precision < 3)
    return `its precision is ${precision}`
  return undefined
}
