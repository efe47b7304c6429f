// The keyboard of a tree, as the ARIA pattern has it: arrows, Home and End, letters, and taking out and putting in by Ctrl + X and V.
import type { Node, Tree } from '../app/tree.ts'
import type { Row } from '../app/state.ts'

interface Keys {
  readonly tree: Tree
  /** What people read of a row. */
  readonly title: (row: Row) => string
  readonly focus: (id: string) => void
  readonly enter: (row: Row) => void
  readonly take: (row: Row) => void
  readonly put: (below: Row) => void
  readonly leave: () => void
}

/** Milliseconds after which letters begin anew. */
const pause = 700

/** @returns what a key does at a row; false: nothing */
export const treeKeys = ({ tree, title, focus, enter, take, put, leave }: Keys) => {
  let typed = ''
  let last = 0
  const find = (letter: string, nodes: readonly Node[], at: number): void => {
    const now = Date.now()
    typed = now - last > pause ? letter : typed + letter
    last = now
    // One letter goes on to the next that begins with it, more stay where they still fit.
    const from = typed.length === 1 ? at + 1 : at
    const order = [...nodes.slice(from), ...nodes.slice(0, from)]
    const found = order.find(({ row }) => title(row).toLocaleLowerCase().startsWith(typed.toLocaleLowerCase()))
    if (found) focus(found.row.id)
  }
  const goTo = (node: Node | undefined): void => {
    if (node) focus(node.row.id)
  }
  const byControl = (key: string, { row }: Node): boolean => {
    if (key === 'x') take(row)
    else if (key === 'v') put(row)
    else return false
    return true
  }
  const byKey = (key: string, node: Node, nodes: readonly Node[]): boolean => {
    const at = nodes.indexOf(node)
    const { row, above } = node
    const isOpen = tree.opened.value.has(row.id)
    switch (key) {
      case 'ArrowDown':
        goTo(nodes[at + 1])
        return true
      case 'ArrowUp':
        goTo(nodes[at - 1])
        return true
      case 'ArrowRight':
        if (!tree.mayOpen(row.id)) return true
        if (!isOpen) tree.open(row.id)
        else if (nodes[at + 1]?.above === row) goTo(nodes[at + 1])
        return true
      case 'ArrowLeft':
        if (isOpen) tree.shut(row.id)
        else if (above) focus(above.id)
        return true
      case 'Home':
        goTo(nodes[0])
        return true
      case 'End':
        goTo(nodes.at(-1))
        return true
      case 'Enter':
        enter(row)
        return true
      case 'Escape':
        leave()
        return true
      case '*':
        for (const each of nodes) if (each.above === above && tree.mayOpen(each.row.id)) tree.open(each.row.id)
        return true
      default:
        // A space is a letter only within a name.
        if (Array.from(key).length !== 1 || key === '/' || (key === ' ' && Date.now() - last > pause)) return false
        find(key, nodes, at)
        return true
    }
  }
  return ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, id: string): boolean => {
    const nodes = tree.nodes.value
    const node = nodes.find(({ row }) => row.id === id)
    if (!node || altKey) return false
    return ctrlKey || metaKey ? byControl(key.toLowerCase(), node) : byKey(key, node, nodes)
  }
}
