import type { Liquid } from 'liquidjs'
import type { Sweeper } from './index'
import { cachesweeperTag } from './liquid/cachesweeper-tag'

/**
 * A LiquidJS plugin with the tag `cachesweeper`, which caches a part of a page until a record it is about is swept.
 *
 *     {% cachesweeper comment 500 "comment.xml" %} … {% endcachesweeper %}
 *     {% cachesweeper comment, key: "card", ttl: "10m", vary: locale %} … {% endcachesweeper %}
 *
 * After the record come seconds and what the fragment varies by, or these by name: `ttl` (a duration), `vary` (a value
 * or a list), `key` (the fragment's name in events), `partials` (names of templates that the body includes by a name
 * that is not written out). A changed body, partial or layout makes another fragment. What is cached inside a body
 * sweeps the fragment around it.
 *
 * Cost: a hit is 1 round trip, 2 if fragments are nested in it, and the body is not rendered
 *
 * @throws at parsing and rendering, as LiquidJS's error with file and line; `originalError` is what this library threw:
 *   SWEEPER_TEMPLATE, SWEEPER_INVALID_SUBJECT, SWEEPER_INVALID_OPTION, SWEEPER_INVALID_DURATION
 * @example
 * const engine = new Liquid({ root: 'views', extname: '.liquid', cache: true })
 * engine.plugin(cachesweeper(sweeper))
 * await engine.renderFile('comments', { comments })
 */
export function cachesweeper(sweeper: Sweeper): (this: Liquid) => void {
  return function register(this: Liquid) {
    this.registerTag('cachesweeper', cachesweeperTag(sweeper))
  }
}
