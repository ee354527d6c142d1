import { defineConfig } from 'vitest/config'

// oxlint-disable-next-line import/no-default-export -- Vitest looks for it
export default defineConfig({ test: { include: ['*.vitest.mjs'] } })
