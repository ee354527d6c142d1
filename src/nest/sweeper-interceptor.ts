import {
  HttpException,
  HttpStatus,
  Inject,
  Injectable,
  SetMetadata,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'
import type { Observable } from 'rxjs'
import { fresh, type FreshOptions } from '../http/fresh'
import type { HttpRequest, HttpResponse } from '../http/exchange'
import type { Sweeper } from '../index'
import { sweeperToken } from './tokens'

const FRESH = 'typeorm-sweeper:fresh'

/** What a route answers from, told by its request; the rest is that of `fresh()`. */
export interface FreshRouteOptions<Request> {
  /** What the response is made from, by its request. */
  readonly on: (request: Request) => FreshOptions['on']
  /** What else the response differs by. */
  readonly vary?: (request: Request) => NonNullable<FreshOptions['vary']>
  readonly cacheControl?: string
  /** The DataSource's name, as given to `SweeperModule`. @default 'default' */
  readonly sweeper?: string
}

/**
 * Says what a route's response is made from, for `SweeperInterceptor`.
 *
 * @example
 * @Get(':id') @UseInterceptors(SweeperInterceptor)
 * @Fresh({ on: (request: Request) => record(Article, request.params.id) })
 * page(@Param('id') id: string) { … }
 */
export function Fresh<Request = HttpRequest>(
  options: FreshRouteOptions<Request>,
): MethodDecorator & ClassDecorator {
  return SetMetadata(FRESH, options)
}

/**
 * Answers conditional requests to routes with `@Fresh()` from tokens alone, before the handler runs. Other routes pass.
 * 1 round trip, 2 if a token was missing; no SQL.
 */
@Injectable()
export class SweeperInterceptor implements NestInterceptor {
  readonly #modules: ModuleRef

  constructor(@Inject(ModuleRef) modules: ModuleRef) {
    this.#modules = modules
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const route = Reflect.getMetadata(FRESH, context.getHandler()) as
      FreshRouteOptions<HttpRequest> | undefined
    if (route === undefined || context.getType() !== 'http') return next.handle()
    const request = context.switchToHttp().getRequest<HttpRequest>()
    const response = context.switchToHttp().getResponse<HttpResponse>()
    const sweeper = this.#modules.get<Sweeper>(sweeperToken(route.sweeper), { strict: false })
    const isSent = await fresh(sweeper, request, response, {
      on: route.on(request),
      ...(route.vary && { vary: route.vary(request) }),
      ...(route.cacheControl !== undefined && { cacheControl: route.cacheControl }),
    })
    // Nest would send a body of its own for whatever is returned; for an error after the headers it sends nothing.
    if (isSent) throw new HttpException('Not Modified', HttpStatus.NOT_MODIFIED)
    return next.handle()
  }
}
