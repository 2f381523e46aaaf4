// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// What a Miner that follows the registry by its events hears: every step, and every root with its epoch.

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IDecoderRegistry as I} from "../../../contracts/registry/IDecoderRegistry.sol";
import {DecoderBase} from "../support/DecoderBase.t.sol";

contract DecoderRegistryEventsTest is DecoderBase {
    bytes32 private a;
    bytes32 private leaf;

    function setUp() public override {
        super.setUp();
        a = _decoder("a").contentHash;
        leaf = _leafOf(a, 1);
    }

    function test_a_listing_tells_the_decoder_and_the_root_with_it() public {
        _expectListed("a", 1, leaf);
        bytes32 pair = Hashes.commutativeKeccak256(leaf, _leafOf(_decoder("b").contentHash, 2));
        _expectListed("b", 2, pair);
    }

    function test_a_deprecation_tells_its_successor_and_leaves_the_root() public {
        _list("a");
        bytes32 b = _list("b");
        bytes32 root = decoders.activeRoot();
        vm.expectEmit();
        emit I.DecoderDeprecated(a, b, uint40(START + 1));
        decoders.deprecate(a, b, uint40(START + 1));
        _eqActive(root, 2);
    }

    function test_a_deprecation_after_a_suspension_puts_the_decoder_back_first() public {
        _list("a");
        decoders.suspend(a, 1 days, "");
        vm.warp(START + 1 days);
        vm.expectEmit();
        emit I.ActiveRootChanged(leaf, 3);
        vm.expectEmit();
        emit I.DecoderReinstated(a, I.DecoderStatus.Listed);
        vm.expectEmit();
        emit I.DecoderDeprecated(a, 0, uint40(START + 2 days));
        decoders.deprecate(a, 0, uint40(START + 2 days));
        _eqActive(leaf, 3);
    }

    function test_retiring_takes_the_decoder_out_of_the_root() public {
        _list("a");
        decoders.deprecate(a, 0, uint40(START + 1 days));
        vm.expectEmit();
        emit I.ActiveRootChanged(0, 2);
        vm.expectEmit();
        emit I.DecoderRetired(a);
        decoders.retire(a);
        _eqActive(0, 2);
    }

    function test_a_grace_period_that_is_over_retires_at_its_second() public {
        _list("a");
        decoders.deprecate(a, 0, uint40(START + 1 days));
        vm.warp(START + 1 days - 1);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyInSync.selector, a));
        decoders.sync(a);
        vm.warp(START + 1 days);
        vm.expectEmit();
        emit I.ActiveRootChanged(0, 2);
        vm.expectEmit();
        emit I.DecoderRetired(a);
        decoders.sync(a);
        _eqActive(0, 2);
    }

    function test_a_suspension_tells_its_end_and_reason() public {
        _list("a");
        vm.expectEmit();
        emit I.ActiveRootChanged(0, 2);
        vm.expectEmit();
        emit I.DecoderSuspended(a, uint40(START + 1 days), "wrong speed");
        decoders.suspend(a, 1 days, "wrong speed");
        _eq("until", decoders.decoderOf(a).suspendedUntil, START + 1 days);
    }

    function test_a_suspension_that_is_ended_early_ends_there() public {
        _list("a");
        decoders.suspend(a, 2 days, "");
        vm.warp(START + 1 days);
        vm.expectEmit();
        emit I.ActiveRootChanged(leaf, 3);
        vm.expectEmit();
        emit I.DecoderReinstated(a, I.DecoderStatus.Listed);
        decoders.reinstate(a);
        _eq("until", decoders.decoderOf(a).suspendedUntil, START + 1 days);
        _eqActive(leaf, 3);
        vm.expectRevert(abi.encodeWithSelector(I.GuardianSuspensionUsed.selector, a));
        decoders.suspend(a, 1 days, "");
    }

    function test_what_was_deprecated_comes_back_deprecated_or_not_at_all() public {
        _list("a");
        bytes32 b = _list("b");
        decoders.deprecate(a, 0, uint40(START + 1 days));
        decoders.deprecate(b, 0, uint40(START + 1 days));
        decoders.suspend(a, 2 days, "");
        decoders.suspend(b, 2 days, "");
        vm.warp(START + 1 days - 1);
        vm.expectEmit();
        emit I.ActiveRootChanged(leaf, 5);
        vm.expectEmit();
        emit I.DecoderReinstated(a, I.DecoderStatus.Deprecated);
        decoders.reinstate(a);
        vm.warp(START + 1 days);
        vm.expectEmit();
        emit I.DecoderRetired(b);
        decoders.reinstate(b);
        _eqActive(leaf, 5);
        _eq("retired", uint256(decoders.decoderOf(b).status), uint256(I.DecoderStatus.Retired));
    }

    function test_a_revocation_tells_its_reason() public {
        _list("a");
        vm.expectEmit();
        emit I.ActiveRootChanged(0, 2);
        vm.expectEmit();
        emit I.DecoderRevoked(a, "forged");
        decoders.revoke(a, "forged");
        _eqActive(0, 2);
    }

    function test_signers_and_nonces_are_told() public {
        address[] memory signers = new address[](2);
        (signers[0], signers[1]) = (address(1), address(2));
        vm.expectEmit();
        emit I.CheckpointSignersSet(signers, 1);
        decoders.setCheckpointSigners(signers, 1);
        vm.prank(author);
        vm.expectEmit();
        emit I.NonceMoved(author, 1);
        decoders.moveNonce();
        _eq("nonce", decoders.nonceOf(author), 1);
        _eq("another's", decoders.nonceOf(STRANGER), 0);
    }

    function test_a_leaf_is_of_what_was_ever_listed_and_a_proof_of_what_is_active() public {
        bytes memory unknown = abi.encodeWithSelector(I.DecoderStatusRefused.selector, a, I.DecoderStatus.None);
        vm.expectRevert(unknown);
        decoders.leafOf(a);
        vm.expectRevert(unknown);
        decoders.proofOf(a);
        _list("a");
        _eq("leaf", decoders.leafOf(a), leaf);
        decoders.revoke(a, "");
        _eq("the same for ever", decoders.leafOf(a), leaf);
        vm.expectRevert(abi.encodeWithSelector(I.DecoderStatusRefused.selector, a, I.DecoderStatus.Revoked));
        decoders.proofOf(a);
    }

    function _expectListed(string memory file, uint32 index, bytes32 root) private {
        I.Decoder memory d = _decoder(file);
        I.Consent memory consent = _consent(d);
        vm.expectEmit();
        emit I.DecoderListed(d.contentHash, d.platform, author, index, d);
        vm.expectEmit();
        emit I.ActiveRootChanged(root, index);
        decoders.list(d, consent);
        _eqActive(root, index);
    }

    function _list(string memory file) private returns (bytes32) {
        I.Decoder memory d = _decoder(file);
        decoders.list(d, _consent(d));
        return d.contentHash;
    }

    function _eqActive(bytes32 root, uint64 epoch) private view {
        _eq("root", decoders.activeRoot(), root);
        _eq("epoch", decoders.activeEpoch(), epoch);
    }
}
