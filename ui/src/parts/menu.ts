/** What a menu holds. */
import type { Component } from 'svelte'

export interface MenuItem {
  label: string
  icon?: Component<{ size?: number | string }>
  run: () => void
  danger?: boolean
  disabled?: boolean
  /** Of a group of which one is chosen: whether it is this. */
  checked?: boolean
  testid?: string
  /** The keys that do the same. */
  keys?: string
}

/** `line` parts groups. */
export type MenuEntry = MenuItem | 'line'
