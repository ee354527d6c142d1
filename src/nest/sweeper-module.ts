import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  type ModuleMetadata,
} from '@nestjs/common'
import { DataSource } from 'typeorm'
import { Sweeper, type SweeperOptions } from '../index'
import { sweeperToken } from './tokens'

interface Naming {
  /** Tells several DataSources apart: the name that TypeOrmModule knows it by. @default 'default' */
  readonly name?: string
  /** What the DataSource is injected by. @default what @nestjs/typeorm provides it by */
  readonly dataSource?: InjectionToken
}

/** The options of `new Sweeper()`, and which DataSource it is for. */
export interface SweeperModuleOptions extends SweeperOptions, Naming {}

/** Which DataSource the Sweeper is for, and a provider of the options of `new Sweeper()`. */
export interface SweeperModuleAsyncOptions<Args extends readonly unknown[]> extends Naming {
  readonly imports?: ModuleMetadata['imports']
  readonly inject?: FactoryProvider['inject']
  /** Makes the options, from what is injected. */
  readonly useFactory: (...args: Args) => SweeperOptions | Promise<SweeperOptions>
}

/**
 * Gives each DataSource its Sweeper, everywhere in the application, and closes it when the application shuts down
 * (`app.enableShutdownHooks()`, `app.close()`).
 *
 * @example
 * @Module({ imports: [TypeOrmModule.forRoot({ … }), SweeperModule.forRoot({ store: new RedisStore(new Redis()) })] })
 * class AppModule {}
 */
@Module({})
export class SweeperModule {
  /** Makes the Sweeper of a DataSource, for the whole application. */
  static forRoot({ name, dataSource, ...options }: SweeperModuleOptions = {}): DynamicModule {
    return moduleOf({ name, dataSource }, { useFactory: () => options })
  }

  /** Options that are injected, such as those of a ConfigService. */
  static forRootAsync<Args extends readonly unknown[]>(
    options: SweeperModuleAsyncOptions<Args>,
  ): DynamicModule {
    const { name, dataSource, ...asynchronous } = options
    return moduleOf({ name, dataSource }, asynchronous)
  }
}

function moduleOf<Args extends readonly unknown[]>(
  {
    name = 'default',
    dataSource,
  }: { name: string | undefined; dataSource: InjectionToken | undefined },
  { imports = [], inject = [], useFactory }: SweeperModuleAsyncOptions<Args>,
): DynamicModule {
  const token = sweeperToken(name)
  const source = dataSource ?? (name === 'default' ? DataSource : `${name}DataSource`)
  const sweeper: FactoryProvider<Sweeper> = {
    provide: token,
    inject: [source, ...inject],
    useFactory: async (of: DataSource, ...args: unknown[]) =>
      // Nest injects what `inject` lists, which is what the factory takes.
      new Sweeper(of, await useFactory(...(args as unknown as Args))),
  }
  const closing: FactoryProvider = {
    provide: `${token}:closing`,
    inject: [token],
    useFactory: (made: Sweeper) => ({ beforeApplicationShutdown: () => made.close() }),
  }
  return {
    module: SweeperModule,
    global: true,
    imports,
    providers: [sweeper, closing],
    exports: [sweeper],
  }
}
