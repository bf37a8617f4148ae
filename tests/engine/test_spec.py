"""A typed function is a node: what its signature and docstring say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.docs import Docstring
from ldm_nodes.engine.errors import MISSING, BadNode
from ldm_nodes.engine.sockets import Boolean, Choice, Float, Hidden, Int, Socket, String
from ldm_nodes.engine.spec import NodeOutput, node

from .pack import Journal, total

if TYPE_CHECKING:
    from decimal import Decimal

Model = Annotated[Any, Socket("MODEL")]
Latent = Annotated[Any, Socket("LATENT")]


@node("Sampler", category="sampling", display_name="My Sampler", outputs=("latent", "count"), version=3)
def sampler(
    model: Model,
    text: str,
    seed: Annotated[int, Int(min=0)] = 0,
    *,
    strength: float = 1.0,
    flag: bool = False,
    mode: Literal["fast", "good"] = "good",
    mask: Latent | None = None,
    context: Context[list[str]],
) -> tuple[Latent, Annotated[int, Int()]]:
    """Denoise a latent.

    And say how often.

    Args:
        model: the network
            to use.
        seed: which start.

    Returns:
        the latent.
    """
    return (model, text, seed, strength, flag, mode, mask), len(context.runtime)


def test_the_function_stays_callable() -> None:
    latent, count = sampler("m", "t", strength=0.5, context=Context(["a"]))
    assert latent == ("m", "t", 0, 0.5, False, "good", None)
    assert count == 1


def test_inputs_follow_the_signature() -> None:
    inputs = sampler.spec.inputs
    assert list(inputs) == ["model", "text", "seed", "strength", "flag", "mode", "mask"]
    assert [item.required for item in inputs.values()] == [True] * 6 + [False]
    fields = [item.field for item in inputs.values()]
    assert fields == [
        Socket("MODEL"), String(), Int(min=0), Float(), Boolean(), Choice(("fast", "good")), Socket("LATENT"),
    ]  # fmt: skip
    assert inputs["text"].default is MISSING
    assert inputs["seed"].default == 0
    assert sampler.spec.context_parameter == "context"


def test_outputs_follow_the_return_annotation() -> None:
    assert [(output.name, output.field) for output in sampler.spec.outputs] == [
        ("latent", Socket("LATENT")), ("count", Int()),
    ]  # fmt: skip
    assert [output.name for output in total.spec.outputs] == ["NUMBER"]


def test_docs_follow_the_docstring() -> None:
    spec = sampler.spec
    assert spec.description == "Denoise a latent.\n\nAnd say how often."
    assert spec.inputs["model"].tooltip == "the network to use."
    assert spec.inputs["text"].tooltip == ""
    assert (spec.display_name, spec.version, spec.module) == ("My Sampler", "3", __name__)


def test_a_docstring_without_sections_is_all_description() -> None:
    assert Docstring.parse("One.\n\nTwo: three.") == Docstring("One.\n\nTwo: three.", {})
    assert Docstring.parse("") == Docstring()


def test_an_output_node_may_have_no_outputs() -> None:
    @node("Sink", category="x", output=True)
    def sink(model: Model) -> NodeOutput[None]:
        return NodeOutput(None, {"text": [model]})

    @node("Silent", category="x", output=True)
    def silent(model: Model) -> None: ...

    @node("Both", category="x", output=True)
    def both(model: Model) -> NodeOutput[tuple[Model, Latent]]:
        return NodeOutput((model, model))

    assert sink.spec.outputs == silent.spec.outputs == ()
    assert [output.name for output in both.spec.outputs] == ["MODEL", "LATENT"]
    assert sink.spec.output_node


def test_an_optional_widget_says_so() -> None:
    @node("N", category="x")
    def optional(size: Annotated[int, Int(optional=True)] = 4) -> Model:
        return size

    assert not optional.spec.inputs["size"].required


def _no_annotation(value) -> None: ...  # type: ignore[no-untyped-def]
def _no_return(value: int): ...  # type: ignore[no-untyped-def]
def _unknown_type(value: dict[str, int]) -> None: ...
def _positional(value: int, /) -> None: ...
def _variable(*values: int) -> None: ...
def _optional_without_default(value: Annotated[int, Int(optional=True)]) -> None: ...
def _none_without_default(value: Model | None) -> None: ...
def _some_lists(a: list[int], b: int) -> None: ...
def _type_checking_only(value: Decimal) -> None: ...


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_no_annotation, "value has no annotation"),
        (_no_return, "does not say what it returns"),
        (_unknown_type, r"value is dict\[str, int\]. Expected int"),
        (_positional, "cannot be given by name"),
        (_variable, "cannot be given by name"),
        (_optional_without_default, "optional but has no default"),
        (_none_without_default, "optional but has no default"),
        (_some_lists, "some inputs are list"),
        (_type_checking_only, "outside of `if TYPE_CHECKING:`"),
    ],
)
def test_a_function_that_is_no_node_is_told_why(function: Any, message: str) -> None:
    with pytest.raises(BadNode, match=message):
        _ = node("Bad", category="x")(function).spec


def test_wrong_number_of_output_names() -> None:
    @node("N", category="x", outputs=("a", "b"))
    def one(value: int) -> Model:
        return value

    with pytest.raises(BadNode, match="2 output names for 1 outputs"):
        _ = one.spec


def test_annotations_are_read_late() -> None:
    late = node("Late", category="x")(_type_checking_only)
    assert late.name == "Late"
    with pytest.raises(BadNode):
        _ = late.spec


def test_a_node_taking_any_input() -> None:
    @node("Any", category="x")
    def anything(context: Context[Journal], **inputs: Any) -> Model:
        return inputs

    assert anything.spec.accepts_any
    assert anything.spec.inputs == {}


def test_lists_follow_the_annotations() -> None:
    @node("Batch", category="x")
    def batch(images: list[Latent], size: list[Annotated[int, Int(min=1)]]) -> tuple[list[Latent], int]:
        return images, len(size)

    spec = batch.spec
    assert spec.list_inputs
    assert [item.field for item in spec.inputs.values()] == [Socket("LATENT"), Int(min=1)]
    assert [(output.field, output.is_list) for output in spec.outputs] == [(Socket("LATENT"), True), (Int(), False)]
    assert spec.list_slots == {0}
    assert not total.spec.list_inputs
    assert batch(["a", "b"], [1]) == (["a", "b"], 1)


def test_an_async_function_is_an_asynchronous_node() -> None:
    @node("Fetch", category="x")
    async def fetch(url: str) -> Model:
        return url

    assert fetch.spec.is_async
    assert not total.spec.is_async


def test_hidden_parameters_are_no_inputs() -> None:
    @node("Know", category="x")
    def know(text: str, me: Annotated[str, Hidden.UNIQUE_ID], all_of_it: Annotated[Any, Hidden.PROMPT] = None) -> Model:
        return me

    spec = know.spec
    assert list(spec.inputs) == ["text"]
    assert spec.hidden == {"me": "UNIQUE_ID", "all_of_it": "PROMPT"}
    assert spec.has_identity, "who knows its id has it in its cache key"
    assert not total.spec.has_identity


def test_lazy_and_raw_inputs() -> None:
    def needs(which: int) -> list[str]:
        return ["a"] if which else []

    @node("Pick", category="x", needs=needs, expands=True)
    def pick(
        which: int, a: Annotated[Any, Socket("*", lazy=True)], b: Annotated[Any, Socket("*", raw_link=True)]
    ) -> Model:
        return a

    spec = pick.spec
    assert [*spec.lazy, *spec.raw] == ["a", "b"]
    assert spec.weak == {"a", "b"}
    assert (spec.needs, spec.expands) == (needs, True)
    assert spec.inputs["a"].field.options() == {"lazy": True}
    assert spec.inputs["b"].field.options() == {"rawLink": True}
