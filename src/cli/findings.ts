/** Something that doctor has found. */
export interface Finding {
  /** `error`: cannot work. `warning`: works badly. `info`: good to know. */
  readonly level: 'error' | 'warning' | 'info'
  readonly text: string
}
