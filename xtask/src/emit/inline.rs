//! `#[inline]` on every function that has no type parameters: it is then compiled
//! in the crates that call it, and not at all where nobody does. A program pays for
//! the operations it uses, and a client alone for none. Functions with type
//! parameters are compiled where they are called anyhow.

use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Generics, ImplItemFn, ItemFn, ItemImpl, parse_quote};

/// Marks all functions of a file.
pub(super) fn mark(file: &mut syn::File) {
    Marking { generic: false }.visit_file_mut(file);
}

/// Whether the block that is looked at has type parameters.
struct Marking {
    generic: bool,
}

impl Marking {
    fn function(&self, generics: &Generics, attributes: &mut Vec<Attribute>) {
        let is_marked = attributes.iter().any(|attribute| attribute.path().is_ident("inline"));
        if !is_marked && !self.generic && !has_types(generics) {
            attributes.push(parse_quote!(#[inline]));
        }
    }
}

impl VisitMut for Marking {
    fn visit_item_impl_mut(&mut self, block: &mut ItemImpl) {
        let outer = std::mem::replace(&mut self.generic, has_types(&block.generics));
        visit_mut::visit_item_impl_mut(self, block);
        self.generic = outer;
    }

    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        self.function(&function.sig.generics, &mut function.attrs);
        visit_mut::visit_impl_item_fn_mut(self, function);
    }

    fn visit_item_fn_mut(&mut self, function: &mut ItemFn) {
        self.function(&function.sig.generics, &mut function.attrs);
        visit_mut::visit_item_fn_mut(self, function);
    }
}

fn has_types(generics: &Generics) -> bool {
    generics.type_params().next().is_some()
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn marked(text: &str) -> String {
        let mut file = syn::parse_str(text).unwrap();
        mark(&mut file);
        file.to_token_stream().to_string().replace(' ', "")
    }

    #[test]
    fn functions_without_type_parameters_are_compiled_where_they_are_called() {
        assert_eq!(marked("fn a() {}"), "#[inline]fna(){}");
        assert_eq!(
            marked("impl<'a> A<'a> { fn a(&self) {} }"),
            "impl<'a>A<'a>{#[inline]fna(&self){}}"
        );
        assert_eq!(marked("mod m { #[inline] fn a() {} }"), "modm{#[inline]fna(){}}");
    }

    #[test]
    fn others_are_anyhow() {
        for text in ["fn a<T>() {}", "impl<T> A<T> { fn a() {} }", "impl A { fn a<'a, T>() {} }"] {
            assert_eq!(marked(text), text.replace(' ', ""));
        }
    }
}
