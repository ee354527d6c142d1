import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  UseGuards,
} from '@nestjs/common'
import { LoggedIn, Viewer } from './auth'
import { UsersService, type Account } from './users.service'

@Controller()
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post('users')
  async register(@Body() { user }: { user: Account }): Promise<object> {
    return { user: await this.users.register(user) }
  }

  @Post('users/login')
  @HttpCode(200)
  async login(@Body() { user }: { user: Account }): Promise<object> {
    return { user: await this.users.login(user) }
  }

  @Get('user')
  @UseGuards(LoggedIn)
  async current(@Viewer() viewer: number): Promise<object> {
    return { user: await this.users.current(viewer) }
  }

  @Put('user')
  @UseGuards(LoggedIn)
  async update(
    @Viewer() viewer: number,
    @Body() { user }: { user: Partial<Account> },
  ): Promise<object> {
    return { user: await this.users.update(viewer, user) }
  }

  @Get('profiles/:username')
  async profile(@Param('username') username: string, @Viewer() viewer?: number): Promise<object> {
    return { profile: await this.users.profile(username, viewer) }
  }

  @Post('profiles/:username/follow')
  @UseGuards(LoggedIn)
  async follow(@Param('username') username: string, @Viewer() viewer: number): Promise<object> {
    await this.users.follow(username, viewer)
    return this.profile(username, viewer)
  }

  @Delete('profiles/:username/follow')
  @UseGuards(LoggedIn)
  async unfollow(@Param('username') username: string, @Viewer() viewer: number): Promise<object> {
    await this.users.unfollow(username, viewer)
    return this.profile(username, viewer)
  }
}
