import 'reflect-metadata'
import type { INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module'

/** Listens on a free port of this machine. */
export async function start(): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: false, forceCloseConnections: true })
  app.setGlobalPrefix('api')
  await app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1')
  return app
}

if (require.main === module)
  void start().then(async (app) => console.log(`listening on ${await app.getUrl()}`))
