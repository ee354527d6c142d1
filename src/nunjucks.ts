import type { Sweeper } from './index'
import { CachesweeperExtension } from './nunjucks/cachesweeper-extension'

/**
 * A Nunjucks extension with the tag `cachesweeper`, which caches a part of a page until a record it is about is swept.
 *
 *     {% cachesweeper comment, 500, "comment.xml" %} … {% endcachesweeper %}
 *     {% cachesweeper comment, key="card", ttl="10m", vary=locale %} … {% endcachesweeper %}
 *
 * As in LiquidJS; a changed template, or one that it includes, imports or extends, makes other fragments.
 * Templates have to be rendered with a callback: without one Nunjucks does not wait, and gives `null`.
 *
 * Cost: a hit is 1 round trip, 2 if fragments are nested in it, and the body is not rendered
 *
 * @throws as Nunjucks's error with the template and line
 * @example
 * const env = new nunjucks.Environment(new nunjucks.FileSystemLoader('views'), { autoescape: true })
 * env.addExtension('cachesweeper', cachesweeper(sweeper))
 * env.render('comments.njk', { comments }, (error, html) => { … })
 */
export function cachesweeper(sweeper: Sweeper): CachesweeperExtension {
  return new CachesweeperExtension(sweeper)
}
