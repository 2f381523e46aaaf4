// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Bounties: money in equals money out, the first author stays the author, and an end gives everyone theirs back.

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Bounties} from "../../../contracts/funding/Bounties.sol";
import {IBounties as I} from "../../../contracts/funding/IBounties.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract BountiesTest is RegistryBase {
    Bounties private bounties;
    bytes32 private constant CAR = "acme/ev-1";
    bytes32 private constant WORK = "contentHash";
    bytes32 private constant SALT = "salt";
    address private constant AUTHOR = address(0xA);
    address private constant FUNDER = address(0xF);

    function setUp() public override {
        super.setUp();
        bytes memory data = abi.encodeCall(Bounties.initialize, (address(manager), address(token)));
        bounties = Bounties(_proxy(address(new Bounties()), data));
        token.transfer(FUNDER, 1_000e18);
        token.approve(address(bounties), type(uint256).max);
        vm.prank(FUNDER);
        token.approve(address(bounties), type(uint256).max);
        vm.roll(100);
    }

    function test_a_funded_platform_pays_whom_the_vote_names() public {
        bounties.fund(CAR, 10e18);
        vm.prank(FUNDER);
        bounties.fund(CAR, 5e18);
        _reveal(AUTHOR);
        vm.expectEmit();
        emit I.BountyAwarded(CAR, 1, WORK, OWNER, 15e18);
        _eq("amount", bounties.award(CAR, WORK, OWNER, 15e18), 15e18);
        _eq("paid", token.balanceOf(OWNER), 15e18);
        _eq("held", token.balanceOf(address(bounties)), 0);
        vm.expectRevert(abi.encodeWithSelector(I.NothingToAward.selector, CAR));
        bounties.award(CAR, WORK, OWNER, 0);
        vm.warp(START + 400 days);
        uint256 endsAt = START + 365 days;
        vm.expectRevert(abi.encodeWithSelector(I.RefundsClosed.selector, CAR, 1, endsAt));
        bounties.refund(CAR, 1, FUNDER);
    }

    function test_an_award_needs_a_revealed_work_a_payee_and_money() public {
        bounties.fund(CAR, 10e18);
        vm.expectRevert(abi.encodeWithSelector(I.WorkNotRevealed.selector, CAR, WORK));
        bounties.award(CAR, WORK, OWNER, 0);
        _reveal(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(I.PayeeInvalid.selector, address(0)));
        bounties.award(CAR, WORK, address(0), 0);
        vm.expectRevert(abi.encodeWithSelector(I.WorkNotRevealed.selector, bytes32("other"), WORK));
        bounties.award("other", WORK, OWNER, 0);
        vm.warp(START + 365 days);
        vm.expectRevert(abi.encodeWithSelector(I.NothingToAward.selector, CAR));
        bounties.award(CAR, WORK, OWNER, 0);
    }

    /// A round lapses during the vote, and somebody opens the next one with dust, so that the award would pay that.
    function test_attack_an_award_of_dust() public {
        bounties.fund(CAR, 10e18);
        _reveal(AUTHOR);
        vm.warp(START + 365 days);
        vm.prank(FUNDER);
        bounties.fund(CAR, 1);
        vm.expectRevert(abi.encodeWithSelector(I.BountyBelowMinimum.selector, CAR, 1, 10e18));
        bounties.award(CAR, WORK, OWNER, 10e18);
        vm.prank(FUNDER);
        bounties.fund(CAR, 10e18 - 2);
        vm.expectRevert(abi.encodeWithSelector(I.BountyBelowMinimum.selector, CAR, 10e18 - 1, 10e18));
        bounties.award(CAR, WORK, OWNER, 10e18);
        vm.prank(FUNDER);
        bounties.fund(CAR, 1);
        _eq("what was meant", bounties.award(CAR, WORK, OWNER, 10e18), 10e18);
    }

    function test_a_round_is_recorded_as_it_is_funded() public {
        vm.expectEmit();
        emit I.BountyFunded(CAR, 1, address(this), 10e18);
        bounties.fund(CAR, 10e18);
        vm.warp(START + 1 days);
        bounties.setLifetime(30 days);
        vm.expectEmit();
        emit I.BountyFunded(CAR, 1, FUNDER, 5e18);
        vm.prank(FUNDER);
        bounties.fund(CAR, 5e18);
        I.Round memory expected = I.Round(15e18, uint40(START + 365 days), false);
        _eq("round", keccak256(abi.encode(bounties.roundOf(CAR, 1))), keccak256(abi.encode(expected)));
        _eq("number", bounties.roundCount(CAR), 1);
        _eq("first", bounties.contributionOf(CAR, 1, address(this)), 10e18);
        _eq("second", bounties.contributionOf(CAR, 1, FUNDER), 5e18);
        _eq("held", token.balanceOf(address(bounties)), 15e18);
        _eq("balance", bounties.balanceOf(CAR), 15e18);
        vm.warp(START + 365 days - 1);
        _eq("to its last second", bounties.balanceOf(CAR), 15e18);
        vm.warp(START + 365 days);
        _eq("and no longer", bounties.balanceOf(CAR), 0);
        _reveal(AUTHOR);
        bounties.fund(CAR, 1e18);
        bounties.award(CAR, WORK, OWNER, 0);
        _eq("awarded", bounties.roundOf(CAR, 2).awarded, true);
        bounties.fund(CAR, 2e18);
        _eq("an award ends a round", bounties.roundCount(CAR), 3);
        _eq("the next one", bounties.balanceOf(CAR), 2e18);
    }

    function test_what_happens_is_told() public {
        bytes32 commitment = bounties.commitmentOf(CAR, WORK, AUTHOR, SALT);
        _eq("commitment", commitment, keccak256(abi.encode(block.chainid, address(bounties), CAR, WORK, AUTHOR, SALT)));
        vm.expectEmit();
        emit I.WorkCommitted(commitment, STRANGER);
        vm.prank(STRANGER);
        bounties.commit(commitment);
        vm.roll(101);
        vm.expectEmit();
        emit I.WorkRevealed(CAR, WORK, AUTHOR);
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        _eq("block", bounties.workOf(CAR, WORK).blockNumber, 100);
        bounties.fund(CAR, 3e18);
        vm.warp(START + 365 days);
        vm.expectEmit();
        emit I.BountyRefunded(CAR, 1, address(this), 3e18);
        bounties.refund(CAR, 1, address(this));
        _eq("contribution", bounties.contributionOf(CAR, 1, address(this)), 0);
        _eq("total", bounties.roundOf(CAR, 1).total, 0);
        vm.expectEmit();
        emit I.LifetimeSet(31 days);
        bounties.setLifetime(31 days);
    }

    function test_funding_needs_a_platform_and_an_amount() public {
        vm.expectRevert(abi.encodeWithSelector(I.PlatformInvalid.selector, bytes32(0)));
        bounties.fund(0, 1);
        vm.expectRevert(abi.encodeWithSelector(I.AmountInvalid.selector, 0));
        bounties.fund(CAR, 0);
    }

    function test_an_ended_round_refunds_each_funder_once() public {
        bounties.fund(CAR, 10e18);
        vm.warp(START + 100 days);
        vm.prank(FUNDER);
        bounties.fund(CAR, 5e18);
        vm.warp(START + 365 days - 1);
        vm.expectRevert(abi.encodeWithSelector(I.RefundsClosed.selector, CAR, 1, START + 365 days));
        bounties.refund(CAR, 1, FUNDER);
        vm.warp(START + 365 days);
        bounties.refund(CAR, 1, FUNDER);
        _eq("refunded", token.balanceOf(FUNDER), 1_000e18);
        vm.expectRevert(abi.encodeWithSelector(I.NothingToRefund.selector, CAR, 1, FUNDER));
        bounties.refund(CAR, 1, FUNDER);
        bounties.fund(CAR, 1e18);
        _eq("a new round", bounties.roundCount(CAR), 2);
        _eq("is apart from the old one", bounties.balanceOf(CAR), 1e18);
        bounties.refund(CAR, 1, address(this));
        _eq("held", token.balanceOf(address(bounties)), 1e18);
    }

    function test_a_reveal_comes_a_block_after_its_commitment() public {
        bytes32 commitment = bounties.commitmentOf(CAR, WORK, AUTHOR, SALT);
        vm.expectRevert(abi.encodeWithSelector(I.CommitmentUnknown.selector, commitment));
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        bounties.commit(commitment);
        vm.expectRevert(abi.encodeWithSelector(I.CommitmentTooRecent.selector, commitment, 100));
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        vm.roll(101);
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        _eq("author", bounties.workOf(CAR, WORK).author, AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(I.WorkAlreadyRevealed.selector, CAR, WORK, AUTHOR));
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
    }

    function test_attack_sniping_a_reveal() public {
        bytes32 commitment = bounties.commitmentOf(CAR, WORK, AUTHOR, SALT);
        vm.prank(AUTHOR);
        bounties.commit(commitment);
        vm.roll(200);
        // The thief reads the author's reveal before it is mined, commits, and gets his own mined first.
        bytes32 copied = bounties.commitmentOf(CAR, WORK, STRANGER, SALT);
        vm.prank(STRANGER);
        bounties.commit(copied);
        vm.roll(201);
        bounties.reveal(CAR, WORK, STRANGER, SALT);
        _eq("for now", bounties.workOf(CAR, WORK).author, STRANGER);
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        _eq("the earlier commitment holds", bounties.workOf(CAR, WORK).author, AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(I.WorkAlreadyRevealed.selector, CAR, WORK, AUTHOR));
        bounties.reveal(CAR, WORK, STRANGER, SALT);
    }

    function test_attack_copying_a_commitment_serves_its_author() public {
        bytes32 commitment = bounties.commitmentOf(CAR, WORK, AUTHOR, SALT);
        vm.prank(STRANGER);
        bounties.commit(commitment);
        vm.prank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(I.CommitmentKnown.selector, commitment));
        bounties.commit(commitment);
        vm.roll(101);
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        _eq("author", bounties.workOf(CAR, WORK).author, AUTHOR);
    }

    function test_attack_a_commitment_of_another_chain() public {
        bounties.commit(bounties.commitmentOf(CAR, WORK, AUTHOR, SALT));
        vm.roll(101);
        vm.chainId(block.chainid + 1);
        vm.expectRevert();
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
    }

    /// Whatever is funded, awarded and refunded, the contract holds the sum of its rounds.
    function testFuzz_money_is_conserved(uint256 seed) public {
        _reveal(AUTHOR);
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 action = seed % 4;
            uint128 amount = uint128(1 + ((seed >> 8) % 10e18));
            if (action < 2) {
                if (action == 0) vm.prank(FUNDER);
                bounties.fund(CAR, amount);
            }
            if (action == 2 && bounties.balanceOf(CAR) != 0 && seed & 0x1000 == 0) bounties.award(CAR, WORK, OWNER, 0);
            if (action == 3) {
                vm.warp(block.timestamp + ((seed >> 16) % 300 days));
                uint256 round = 1 + ((seed >> 64) % (bounties.roundCount(CAR) + 1));
                address funder = seed & 0x100 == 0 ? FUNDER : address(this);
                uint256 owed = bounties.contributionOf(CAR, round, funder);
                uint256 before = token.balanceOf(funder);
                (bool passed, ) = address(bounties).call(abi.encodeCall(I.refund, (CAR, round, funder)));
                _eq("refund", token.balanceOf(funder) - before, passed ? owed : 0);
            }
            uint256 sum = 0;
            for (uint256 round = 1; round <= bounties.roundCount(CAR); ++round) {
                I.Round memory record = bounties.roundOf(CAR, round);
                if (!record.awarded) sum += record.total;
            }
            _eq("held", token.balanceOf(address(bounties)), sum);
        }
    }

    function test_restricted_calls_by_a_stranger() public {
        bytes[3] memory calls = [
            abi.encodeCall(I.award, (CAR, WORK, STRANGER, 0)),
            abi.encodeCall(I.setLifetime, (60 days)),
            abi.encodeCall(bounties.upgradeToAndCall, (address(token), ""))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(STRANGER);
            (bool passed, bytes memory reason) = address(bounties).call(calls[i]);
            _eq("call", passed, false);
            bytes memory expected = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
            _eq("reason", keccak256(reason), keccak256(expected));
        }
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        bounties.initialize(STRANGER, STRANGER);
    }

    function test_a_lifetime_leaves_time_for_a_vote() public {
        vm.expectRevert(abi.encodeWithSelector(I.LifetimeInvalid.selector, 30 days - 1));
        bounties.setLifetime(30 days - 1);
        _eq("at first", bounties.lifetimeSeconds(), 365 days);
        _eq("token", bounties.token(), address(token));
        bounties.setLifetime(30 days);
        bounties.fund(CAR, 1);
        _eq("endsAt", bounties.roundOf(CAR, 1).endsAt, START + 30 days);
    }

    function _reveal(address author) private {
        bounties.commit(bounties.commitmentOf(CAR, WORK, author, SALT));
        vm.roll(101);
        bounties.reveal(CAR, WORK, author, SALT);
    }
}
