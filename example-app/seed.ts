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
    kept === 0 ? ARTICLES.length : kept,
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
  })
}

function at(texts: readonly string[], index: number): string {
  return texts[index % texts.length] ?? ''
}
