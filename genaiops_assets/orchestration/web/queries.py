"""What a GraphQL request to the Dagster UI would change, and whether that may be asked from a web page.

Belongs here: the list of allowed mutations, and the launches inside a request. Does not belong here: HTTP, origins and
cookies (`guard.py`).

Everything not listed is refused, so that a new version of Dagster adds nothing by itself. Left out on purpose:
reporting events and check results, wiping assets, deleting runs, partition keys (all of them evidence that only a run
may write), components, shutting the code server down, telemetry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    parse,
)

from genaiops_assets.errors import Unusable

# Mutations that start runs, and the arguments that say what to start.
LAUNCHES: dict[str, tuple[str, ...]] = {
    "launchRun": ("executionParams",),
    "launchPipelineExecution": ("executionParams",),
    "launchMultipleRuns": ("executionParamsList",),
    "launchRunReexecution": ("executionParams", "reexecutionParams"),
    "launchPipelineReexecution": ("executionParams", "reexecutionParams"),
    "launchPartitionBackfill": ("backfillParams",),
    "reexecutePartitionBackfill": ("reexecutionParams",),
}
ALLOWED = frozenset(LAUNCHES) | {
    "terminateRun", "terminateRuns", "terminatePipelineExecution", "cancelPartitionBackfill", "resumePartitionBackfill",
    "startSchedule", "stopRunningSchedule", "resetSchedule", "scheduleDryRun", "startSensor", "stopSensor",
    "resetSensor", "sensorDryRun", "setSensorCursor", "setAutoMaterializePaused", "reloadRepositoryLocation",
    "reloadWorkspace", "setNuxSeen", "setConcurrencyLimit", "deleteConcurrencyLimit", "freeConcurrencySlots",
    "freeConcurrencySlotsForRun",
}  # fmt: skip
TAG_FIELDS = ("tags", "extraTags")
LONGEST_QUERY = 200_000  # characters; the page's longest has some 20,000
MOST_TOKENS = 50_000


class BadQuery(Unusable):
    """A request that is no GraphQL, or asks for something that a web page may not do; the message says which."""


@dataclass(frozen=True)
class Asked:
    """`kinds`: query, mutation, subscription; `changes`: names of the mutations; `launches`: names of the variables
    that hold what to launch."""

    kinds: frozenset[str]
    changes: frozenset[str]
    launches: frozenset[str]


@lru_cache(maxsize=256)  # the page asks the same questions again and again
def examine(query: str) -> Asked:
    """Every operation of a request counts, whichever of them it names. Raises BadQuery."""
    if len(query) > LONGEST_QUERY:
        raise BadQuery("this query is too long")
    try:
        document = parse(query, no_location=True, max_tokens=MOST_TOKENS)
    except (GraphQLError, RecursionError) as error:
        raise BadQuery(f"no valid GraphQL: {getattr(error, 'message', 'nested too deeply')}") from error
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    kinds = frozenset(node.operation.value for node in operations)
    fields = [
        field
        for node in operations
        if node.operation == OperationType.MUTATION
        for field in _root_fields(node.selection_set, _fragments(document), frozenset())
    ]
    changes = frozenset(field.name.value for field in fields) - {"__typename"}
    forbidden = sorted(changes - ALLOWED)
    if forbidden:
        raise BadQuery(f"{forbidden[0]} is not allowed from the web page: only runs write what counts as evidence")
    return Asked(kinds, changes, frozenset(_launch_variables(fields)))


def launched(asked: Asked, variables: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The parameters of every run that a request would start, as they stand in its variables. Raises BadQuery where
    they do not."""
    for name in sorted(asked.launches):
        value = variables.get(name)
        for params in value if isinstance(value, list) else [value]:
            if not isinstance(params, dict):
                raise BadQuery(f"the variable ${name} must say what to launch")
            yield params


def drop_tags(params: dict[str, Any], reserved: frozenset[str]) -> None:
    """Take tags out of what is to be launched that only the platform sets."""
    metadata = params.get("executionMetadata")
    for holder in (params, metadata if isinstance(metadata, dict) else {}):
        for field in TAG_FIELDS:
            tags = holder.get(field)
            if isinstance(tags, list):
                holder[field] = [tag for tag in tags if not (isinstance(tag, dict) and tag.get("key") in reserved)]


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def _root_fields(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], inside: frozenset[str]
) -> Iterator[FieldNode]:
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _root_fields(node.selection_set, fragments, inside)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in inside:
            fragment = fragments.get(node.name.value)
            if fragment is None:
                raise BadQuery(f"no fragment {node.name.value}")
            yield from _root_fields(fragment.selection_set, fragments, inside | {node.name.value})


def _launch_variables(fields: list[FieldNode]) -> Iterator[str]:
    for field in fields:
        wanted = LAUNCHES.get(field.name.value, ())
        for argument in field.arguments:
            if argument.name.value in wanted:
                if not isinstance(argument.value, VariableNode):
                    raise BadQuery(f"{field.name.value}: pass {argument.name.value} as a variable")
                yield argument.value.name.value
