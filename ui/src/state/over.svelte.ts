/** What lies over the screens and is opened by keys: the commands, and the sheet of shortcuts. */
export type Over = 'palette' | 'help' | null

let over = $state<Over>(null)

export const shownOver = (): Over => over

export function showOver(next: Over): void {
  over = next
}
