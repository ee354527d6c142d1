import { chmodSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { startedHere } from './services-process'

/**
 * The package memcached runs the program `ping` before it asks a lost node again, and ends the process where there is
 * none, as in many containers: here is one that always gets an answer.
 */
export function withPing(): void {
  const folder = startedHere.folder('ping')
  const program = join(folder, 'ping')
  writeFileSync(program, '#!/bin/sh\necho 64 bytes from a test\n')
  chmodSync(program, 0o755)
  process.env['PATH'] = `${folder}${delimiter}${process.env['PATH'] ?? ''}`
}
