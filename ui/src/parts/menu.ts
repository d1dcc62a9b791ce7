/** What a menu holds. */
import type { Component } from 'svelte'

export interface MenuItem {
  label: string
  icon?: Component<{ size?: number | string }>
  run: () => void
  danger?: boolean
  disabled?: boolean
  testid?: string
}

/** `line` parts groups. */
export type MenuEntry = MenuItem | 'line'
