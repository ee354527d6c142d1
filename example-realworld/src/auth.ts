import {
  createParamDecorator,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common'
import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'

const SECRET = randomBytes(32)

/** `<user id>.<signature>`, in the header `Authorization: Token …`. */
export function tokenOf(id: number): string {
  return `${id}.${createHmac('sha256', SECRET).update(String(id)).digest('hex')}`
}

function viewerOf({ headers }: Request): number | undefined {
  const token = headers.authorization?.replace(/^Token /, '') ?? ''
  const id = Number(token.split('.')[0])
  return token !== '' && token === tokenOf(id) ? id : undefined
}

/** Who is logged in; undefined for nobody. */
export const Viewer = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  viewerOf(context.switchToHttp().getRequest<Request>()),
)

export class LoggedIn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (viewerOf(context.switchToHttp().getRequest<Request>()) !== undefined) return true
    throw new UnauthorizedException()
  }
}

export function hashed(password: string): string {
  const salt = randomBytes(8).toString('hex')
  return `${salt}:${derived(password, salt).toString('hex')}`
}

export function matches(password: string, stored: string): boolean {
  const [salt = '', key = ''] = stored.split(':')
  return timingSafeEqual(Buffer.from(key, 'hex'), derived(password, salt))
}

function derived(password: string, salt: string): Buffer {
  return scryptSync(password, salt, 32, { N: 1024 })
}
