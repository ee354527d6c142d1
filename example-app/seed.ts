import type { DataSource } from 'typeorm'
import { Article, Comment, Vote } from './entities'

const ARTICLES = [
  {
    title: 'Two hard things',
    text: 'There are two hard things in computer science: naming things, cache invalidation, and off-by-one errors. This blog has given up on the first and the third.',
  },
  {
    title: 'Why we sweep instead of delete',
    text: 'To delete what is stale you must find it. To sweep it you change one small token, and nobody can find it any more. Vote for a comment below: its card and this page are rendered again, the other cards are not.',
  },
  {
    title: 'A page is a doll of pages',
    text: 'Inside a page there are cards, inside a card there is text. When a comment changes, only the dolls around it are carved again; all others are put back as they were.',
  },
]

/** What a page of fifty fragments is: this article and its comments. */
const LONG_ARTICLE = {
  title: 'Forty-nine opinions about caching',
  text: 'This page is made of fifty fragments: the article, and a card for each of its comments. Press one of the ▲ buttons. Two fragments are rendered again, the card and the article around it. The other forty-eight are left alone, and nobody had to say which.',
}

const OPINIONS = [
  'Everything is a cache if you wait long enough.',
  'I only trust what I have computed myself, today.',
  'TTL stands for “till the lawyers”.',
  'My cache is warm. My heart is not.',
  'Delete by pattern, they said. It was production.',
  'The fastest query is the one that is never sent.',
  'Stale data is just history with confidence.',
  'A cache without invalidation is a museum.',
  'Ship it. Nobody refreshes on a Sunday.',
  'We cache the cache. It is caches all the way down.',
  'KEYS * is not a strategy.',
  'I measured it. Then I believed it.',
  'A rolled back vote is a vote for nobody.',
  'It was fine until the second server came.',
  'Five minutes is the age of every wrong price.',
  'If in doubt, render it.',
  'Somebody forgot one key. It was the one that mattered.',
  'There is no such thing as a harmless race.',
  'Cold starts build character.',
  'Fifty fragments, one round trip.',
  'I have read the consistency page, twice.',
  'My favourite HTTP status is 304.',
  'Tokens are cheap, lies are not.',
  'Whoever writes knows nothing of who reads. Good.',
  'A miss is honest work.',
]
const OPINION_COUNT = 49

const AUTHORS = ['Ada', 'Barbara', 'Edsger', 'Grace', "Miles O'Brien", 'Tim']

const TEXTS = [
  'I renamed it, and now it is both wrong and stale.',
  'First! (This was true when it was cached.)',
  'We set the lifetime to five minutes. Support called after four.',
  'What about <script>alert("escaping")</script> in comments?',
  'Our cache has a 99 % hit rate. The other one per cent is the new price.',
  'I just restart everything on Fridays.',
  'Reads are easy & writes are rare, they said.',
  'A comment that moves to another article changes two articles.',
  'Rolled back, so it never happened. Did the page know?',
  'Is there anything that a token cannot do?',
  'It worked on my machine, which has no cache.',
  'Nobody has voted for this one yet, I am sure.',
]

/** Fills an empty blog, always with the same content; leaves one with articles as it is. */
export async function seed(dataSource: DataSource): Promise<string> {
  const kept = await dataSource.getRepository(Article).count()
  if (kept === 0) await fill(dataSource)
  const [articles, comments, votes] = [
    kept === 0 ? ARTICLES.length + 1 : kept,
    await dataSource.getRepository(Comment).count(),
    await dataSource.getRepository(Vote).count(),
  ]
  const origin = kept === 0 ? 'new' : 'as they were left'
  return `${articles} articles, ${comments} comments, ${votes} votes, ${origin}`
}

function fill(dataSource: DataSource): Promise<void> {
  return dataSource.transaction(async (manager) => {
    const articles = await manager.save(
      Article,
      ARTICLES.map((article) => ({ ...article })),
    )
    const comments = await manager.save(
      Comment,
      articles.flatMap((article, a) =>
        TEXTS.map((_text, c) => ({
          author: at(AUTHORS, a + c),
          text: at(TEXTS, a * 5 + c),
          article,
        })),
      ),
    )
    const votes = comments.flatMap((comment, c) =>
      Array.from({ length: (c * 7) % 5 }, () => ({ comment })),
    )
    await manager.save(Vote, votes)
    const article = await manager.save(Article, { ...LONG_ARTICLE })
    const opinions = Array.from({ length: OPINION_COUNT }, (_, index) => ({
      author: at(AUTHORS, index * 5 + 2),
      text: at(OPINIONS, index * 7),
      article,
    }))
    await manager.save(Comment, opinions)
  })
}

function at(texts: readonly string[], index: number): string {
  return texts[index % texts.length] ?? ''
}
