//! Builders of operations whose answer the caller can choose: the builder's type
//! says which answer comes, and `representation` asks for the larger one.

use proc_macro2::Ident;
use quote::format_ident;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Fields, ImplItem, Item, ItemImpl, ItemMod, parse_quote};

use super::Input;
use super::client::{doc, type_name};
use crate::names::{pascal, snake};
use crate::normalise::PREFER;
use crate::openapi::{operations, schema_reference};

/// The builder's field for the type of the answer.
pub(super) const FIELD: &str = "answer";

/// What the method says of itself.
const ABOUT: &str = "\
Asks for everything the service has (`Prefer: return=representation`), instead of the essentials.";

/// An operation with two answers.
struct Choice {
    builder: String,
    smaller: Ident,
    larger: Ident,
}

/// Mends all builders.
pub(super) fn mend(module: &mut ItemMod, input: &Input<'_>) {
    let Some((_, items)) = &mut module.content else { return };
    for choice in choices(input) {
        let mut made: Vec<Item> = Vec::new();
        for item in items.iter_mut() {
            match item {
                Item::Struct(builder) if builder.ident == choice.builder => {
                    if let Fields::Named(fields) = &mut builder.fields
                        && choice.two()
                    {
                        let smaller = &choice.smaller;
                        builder.generics.params.push(parse_quote!(R = types::#smaller));
                        let field = format_ident!("{FIELD}");
                        fields.named.push(parse_quote! {
                            pub(crate) #field: ::std::marker::PhantomData<fn() -> R>
                        });
                    }
                }
                Item::Impl(block) if type_name(block) == Some(choice.builder.clone()) => {
                    made.extend(choice.rework(block));
                }
                _ => {}
            }
        }
        items.extend(made);
    }
}

/// The larger answer of an operation, if it has two.
pub(super) fn larger(input: &Input<'_>, id: &str) -> Option<String> {
    input.lowering.representations.get(id).cloned()
}

fn choices(input: &Input<'_>) -> Vec<Choice> {
    let root = &input.lowering.root;
    let found = operations(root).into_iter().filter_map(|operation| {
        let larger = larger(input, operation.id())?;
        let content = "/responses/2XX/content/application~1json/schema";
        let smaller = operation.value.pointer(content).and_then(schema_reference)?;
        Some(Choice {
            builder: pascal(operation.id()),
            smaller: format_ident!("{}", pascal(smaller)),
            larger: format_ident!("{}", pascal(&larger)),
        })
    });
    found.collect()
}

impl Choice {
    /// Whether the answers are of two types.
    fn two(&self) -> bool {
        self.smaller != self.larger
    }

    /// Leaves the constructor in the block, adds the choice to it, and gives the
    /// block that holds for both answers.
    fn rework(&self, block: &mut ItemImpl) -> Option<Item> {
        let prefer = snake(PREFER);
        block
            .items
            .retain(|item| !matches!(item, ImplItem::Fn(setter) if setter.sig.ident == prefer));
        let builder = format_ident!("{}", self.builder);
        let larger = &self.larger;
        let about = doc(ABOUT);
        if !self.two() {
            block.items.push(parse_quote! {
                #(#about)*
                #[must_use = "nothing is sent before `send`"]
                pub fn representation(mut self) -> Self {
                    self.prefer = Ok(Some(::progenitor_client::Prefer::Representation));
                    self
                }
            });
            return None;
        }
        let (constructors, mut others): (Vec<_>, Vec<_>) = std::mem::take(&mut block.items)
            .into_iter()
            .partition(|item| matches!(item, ImplItem::Fn(new) if new.sig.ident == "new"));
        block.items = constructors;
        let mut fields = Fieldnames::default();
        for item in &mut block.items {
            fields.visit_impl_item_mut(item);
        }
        let kept = fields.0.iter().filter(|name| **name != prefer && **name != FIELD);
        block.items.push(parse_quote! {
            #(#about)*
            #[must_use = "nothing is sent before `send`"]
            pub fn representation(self) -> #builder<'a, types::#larger> {
                #builder {
                    #(#kept: self.#kept,)*
                    prefer: Ok(Some(::progenitor_client::Prefer::Representation)),
                    answer: ::std::marker::PhantomData,
                }
            }
        });
        for item in &mut others {
            if let ImplItem::Fn(function) = item
                && function.sig.ident == "send"
            {
                function.sig.output = parse_quote!(-> Result<ResponseValue<R>, Error<()>>);
                Rest.visit_block_mut(&mut function.block);
            }
        }
        Some(parse_quote! {
            impl<'a, R: ::serde::de::DeserializeOwned> #builder<'a, R> {
                #(#others)*
            }
        })
    }
}

/// Finds the fields that a constructor sets, and adds the one for the answer.
#[derive(Default)]
struct Fieldnames(Vec<Ident>);

impl VisitMut for Fieldnames {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::Struct(made) = expression {
            self.0.extend(made.fields.iter().filter_map(|field| match &field.member {
                syn::Member::Named(name) => Some(name.clone()),
                syn::Member::Unnamed(_) => None,
            }));
            let field = format_ident!("{FIELD}");
            made.fields.push(parse_quote!(#field: ::std::marker::PhantomData));
        }
    }
}

/// `let Self { a, b } = self` becomes `let Self { a, b, .. } = self`.
struct Rest;

impl VisitMut for Rest {
    fn visit_pat_struct_mut(&mut self, pattern: &mut syn::PatStruct) {
        if pattern.path.is_ident("Self") {
            pattern.rest =
                Some(syn::PatRest { attrs: Vec::new(), dot2_token: syn::token::DotDot::default() });
        }
    }
}
