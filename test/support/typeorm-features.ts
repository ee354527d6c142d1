import { EntityManager, InsertQueryBuilder } from 'typeorm'

/** Ways to write that TypeORM 1.x has and 0.3 has not. */
export const HAS_UPDATE_ALL = 'updateAll' in EntityManager.prototype
export const HAS_INSERT_FROM_SELECT = 'valuesFromSelect' in InsertQueryBuilder.prototype
