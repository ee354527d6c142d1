import { commentsOfArticle } from './children'
import { whatIsThere } from './get'
import { instance } from './instances'
import { leasedArticle } from './lease'
import { manyComments } from './many'
import { foundComment, foundTag, foundVotes, listedComments } from './objects'
import { nearArticle, nearInRequest } from './near'
import type { Reading } from './reading'
import { articleInTag } from './parts'
import { queriedComment, queriedComments, queriedTags } from './queries'
import { articleByName, commentByName, tagByName } from './records'
import { addedSubject, severalSubjects } from './several'
import { inTransaction } from './transactions'
import { everyComment } from './types'
import { underVersion } from './version'

/** Every reading API there is. */
export const READINGS: readonly Reading[] = [
  commentByName,
  articleByName,
  tagByName,
  instance,
  everyComment,
  commentsOfArticle,
  severalSubjects,
  addedSubject,
  manyComments,
  whatIsThere,
  underVersion,
  foundComment,
  foundVotes,
  foundTag,
  listedComments,
  inTransaction,
  articleInTag,
  queriedComment,
  queriedComments,
  queriedTags,
  leasedArticle,
  nearArticle,
  nearInRequest,
]
