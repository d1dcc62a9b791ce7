import type { WireError } from '../../wire/types'

/** Refuses as a host does. */
export const refuse = (code: WireError['code'], message: string, hint = ''): never => {
  throw { code, message, hint } satisfies WireError
}
