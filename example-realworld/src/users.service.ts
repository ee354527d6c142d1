import { Injectable, NotFoundException, UnauthorizedException } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import { Repository } from 'typeorm'
import { hashed, matches, tokenOf } from './auth'
import { Follow, User } from './entities'

export interface Profile {
  readonly username: string
  readonly bio: string
  readonly image: string | null
  readonly following: boolean
}

export interface Account {
  readonly email: string
  readonly username: string
  readonly password: string
  readonly bio?: string
  readonly image?: string
}

@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(Follow) private readonly follows: Repository<Follow>,
  ) {}

  async register({ email, username, password }: Account): Promise<object> {
    return account(await this.users.save({ email, username, password: hashed(password) }))
  }

  async login({ email, password }: Pick<Account, 'email' | 'password'>): Promise<object> {
    const user = await this.users.findOneBy({ email })
    if (user === null || !matches(password, user.password)) throw new UnauthorizedException()
    return account(user)
  }

  async current(id: number): Promise<object> {
    return account(await this.users.findOneByOrFail({ id }))
  }

  async update(id: number, { password, ...changes }: Partial<Account>): Promise<object> {
    await this.users.update(
      { id },
      { ...changes, ...(password !== undefined && { password: hashed(password) }) },
    )
    return this.current(id)
  }

  async profile(username: string, viewer: number | undefined): Promise<Profile> {
    const user = await this.named(username)
    return profileOf(user, await this.followedBy(viewer))
  }

  async follow(username: string, viewer: number): Promise<void> {
    const followed = await this.named(username)
    await this.follows.upsert({ follower: { id: viewer }, followed }, ['follower', 'followed'])
  }

  async unfollow(username: string, viewer: number): Promise<void> {
    const followed = await this.named(username)
    await this.follows.delete({ follower: { id: viewer }, followed: { id: followed.id } })
  }

  /** The ids of those whom somebody follows. */
  async followedBy(viewer: number | undefined): Promise<ReadonlySet<number>> {
    if (viewer === undefined) return new Set()
    const found = await this.follows.find({
      where: { follower: { id: viewer } },
      relations: { followed: true },
    })
    return new Set(found.map(({ followed }) => followed.id))
  }

  private async named(username: string): Promise<User> {
    const user = await this.users.findOneBy({ username })
    if (user === null) throw new NotFoundException()
    return user
  }
}

export function profileOf(
  { id, username, bio, image }: User,
  followed: ReadonlySet<number>,
): Profile {
  return { username, bio, image, following: followed.has(id) }
}

function account({ id, email, username, bio, image }: User): object {
  return { email, username, bio: bio ?? '', image: image ?? null, token: tokenOf(id) }
}
