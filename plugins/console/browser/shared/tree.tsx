// A tree of rows: opened level by level, gone through by keys, moved by dragging.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { number, resourcesName, titleOf } from '../app/format.ts'
import { go } from '../app/router.ts'
import type { Row } from '../app/state.ts'
import type { Node, Tree } from '../app/tree.ts'
import { tt } from '../texts/tree/texts.ts'
import { Icon, iconOf } from './icon.tsx'
import { useGlow } from './row-motion.ts'
import { treeKeys } from './tree-keys.ts'
import type { Moves } from './tree-moves.ts'
import { rowPath } from './value.tsx'

/** Milliseconds over a row that is shut after which it opens for what is dragged. */
const lingering = 700
/** Where a row is dropped to be at the top. */
const top = ''

interface Drag {
  readonly row: Row
  /** The row that it is over; `top`. */
  readonly over: string | undefined
}

/** What is dragged, and where it may be dropped. */
const useDrag = (tree: Tree, moves: Moves) => {
  const [drag, setDrag] = useState<Drag>()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const held = useRef<Row | undefined>(undefined)
  const over = (event: DragEvent, to: Row | null): void => {
    const row = held.current
    if (!row || moves.fault(row, to) !== undefined) return
    event.preventDefault()
    const id = to?.id ?? top
    if (drag?.over === id) return
    setDrag({ row, over: id })
    clearTimeout(timer.current)
    if (to && tree.mayOpen(to.id)) timer.current = setTimeout(() => tree.open(to.id), lingering)
  }
  const end = (): void => {
    clearTimeout(timer.current)
    held.current = undefined
    setDrag(undefined)
  }
  return {
    drag,
    begin: (event: DragEvent, row: Row): void => {
      event.dataTransfer?.setData('text/plain', row.id)
      held.current = row
      // What is dragged is drawn by then: what appears for it would end the drag.
      setTimeout(() => setDrag(held.current && { row: held.current, over: undefined }))
    },
    over,
    away: (to: Row | null) => setDrag((now) => (now?.over === (to?.id ?? top) ? { row: now.row, over: undefined } : now)),
    /** @returns what was dragged */
    drop: (event: DragEvent): Row | undefined => {
      event.preventDefault()
      const row = held.current
      end()
      return row
    },
    end,
  }
}

interface Shown {
  readonly resource: DescribedResource
  readonly tree: Tree
  readonly moves: Moves
  /** The row that actions are about. */
  readonly selected: string | undefined
  readonly onSelect: (id: string) => void
  /** Taken out by keys. */
  readonly taken: Row | undefined
  readonly onTake: (row: Row | undefined) => void
  /** Puts a row below another; null: to the top. */
  readonly onPut: (row: Row, to: Row | null) => void
  /** What else is said of a row. */
  readonly hint: (row: Row) => string
}

export const TreeView = ({ resource, tree, moves, selected, onSelect, taken, onTake, onPut, hint }: Shown) => {
  const list = useRef<HTMLUListElement>(null)
  const { drag, ...dragging } = useDrag(tree, moves)
  const nodes = tree.nodes.value
  const glow = useGlow(nodes.map(({ row }) => row))
  const current = nodes.some(({ row }) => row.id === selected) ? selected : nodes[0]?.row.id
  const focus = (id: string): void => {
    onSelect(id)
    list.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus()
  }
  // What was moved is another element now: who stood on it, or put it there by keys, stands on it.
  const standing = useRef<string | undefined>(undefined)
  useEffect(() => {
    const [element, active] = [list.current?.querySelector<HTMLElement>(`[data-id="${standing.current ?? ''}"]`), document.activeElement]
    if (element && element !== active && (active === document.body || list.current?.contains(active) === true)) element.focus()
  })
  const keys = treeKeys({
    tree, focus,
    title: (row) => titleOf(resource, row),
    enter: (row) => go(rowPath(resource.name, row.id)),
    take: (row) => onTake(row),
    put(below) {
      if (!taken) return
      standing.current = taken.id
      onPut(taken, below)
    },
    leave: () => onTake(undefined),
  })
  const byAbove = new Map<string, Node[]>()
  for (const node of nodes) byAbove.set(node.above?.id ?? top, [...(byAbove.get(node.above?.id ?? top) ?? []), node])

  const Branch = (of: string) => {
    const more = tree.more(of)
    return (
      <>
        {byAbove.get(of)?.map((node) => Leaf(node))}
        {more && (
          <li key={`more ${of}`} role="none">
            <button type="button" class="button quiet" onClick={() => tree.readMore(of)}>
              {more.count > 0 ? tt.value.more(number(more.count)) : tt.value.moreUnknown}
            </button>
          </li>
        )}
      </>
    )
  }
  const Leaf = ({ row, depth, place, siblings }: Node) => {
    const { id } = row
    const [isOpen, mayOpen, title] = [tree.opened.value.has(id), tree.mayOpen(id), titleOf(resource, row)]
    const state = [drag?.over === id && 'over', drag?.row.id === id && 'dragged', taken?.id === id && 'taken', glow.has(id) && 'changed']
    return (
      <li key={id} role="none">
        <div
          role="treeitem"
          aria-level={depth}
          aria-posinset={place}
          aria-setsize={siblings}
          aria-selected={id === current}
          aria-expanded={mayOpen ? isOpen : undefined}
          aria-owns={isOpen && mayOpen ? `below-${id}` : undefined}
          data-id={id}
          tabIndex={id === current ? 0 : -1}
          class={`node ${state.filter(Boolean).join(' ')}`}
          draggable={moves.mayMove(row)}
          onFocus={() => {
            standing.current = id
            onSelect(id)
          }}
          onBlur={({ relatedTarget }) => {
            if (relatedTarget !== null) standing.current = undefined
          }}
          onKeyDown={(event) => {
            if (keys(event, id)) event.preventDefault()
          }}
          onClick={() => focus(id)}
          onDblClick={() => go(rowPath(resource.name, id))}
          onDragStart={(event) => dragging.begin(event, row)}
          onDragOver={(event) => dragging.over(event, row)}
          onDragLeave={() => dragging.away(row)}
          onDragEnd={dragging.end}
          onDrop={(event) => {
            const dropped = dragging.drop(event)
            if (dropped) onPut(dropped, row)
          }}
        >
          <span
            class={isOpen ? 'twist open' : 'twist'}
            aria-hidden="true"
            onClick={() => {
              if (mayOpen) tree[isOpen ? 'shut' : 'open'](id)
            }}
          >
            {mayOpen && <Icon name="right" />}
          </span>
          <Icon name={iconOf(resource.name)} />
          <bdi>{title}</bdi>
          <small>{hint(row)}</small>
        </div>
        {isOpen && mayOpen && (
          <ul role="group" id={`below-${id}`}>
            {tree.levels.value.has(id) ? Branch(id) : (
              <li role="none" class="skeleton"><i /></li>
            )}
          </ul>
        )}
      </li>
    )
  }
  return (
    <div class="tree-frame">
      {drag && moves.fault(drag.row, null) === undefined && (
        <p
          class={`drop-top ${drag.over === top ? 'over' : ''}`}
          onDragOver={(event) => dragging.over(event, null)}
          onDragLeave={() => dragging.away(null)}
          onDrop={(event) => {
            const dropped = dragging.drop(event)
            if (dropped) onPut(dropped, null)
          }}
        >
          {tt.value.dropTop}
        </p>
      )}
      <div class="card tree">
        <ul role="tree" ref={list} aria-label={resourcesName(resource)}>
          {Branch(top)}
        </ul>
      </div>
    </div>
  )
}
