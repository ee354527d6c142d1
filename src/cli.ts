#!/usr/bin/env node
import { run } from './cli/run'

const { stdout, stderr } = process

void run(process.argv.slice(2), {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  draw: stderr.isTTY ? (line) => void stderr.write(`\r\u001B[2K${line}`) : undefined,
}).then((code) => {
  // What the files opened, such as the client of a store, must not keep the command from ending.
  stdout.write('', () => process.exit(code))
})
