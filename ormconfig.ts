import { DataSource, type DataSourceOptions } from 'typeorm'
import { Article, Comment, Vote } from './example-app/entities'

const url = process.env['DATABASE_URL']
const database: DataSourceOptions =
  url === undefined || url === '' ? { type: 'sqljs' } : { type: 'postgres', url }

/** The blog of the example, for the tests and for TypeORM's command line. */
export const dataSource = new DataSource({ ...database, entities: [Article, Comment, Vote] })
