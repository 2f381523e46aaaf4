// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Rewards: what a week may pay, who may post and when, how long anyone may object, that each leaf pays once and no
// more, and that a platform's share reaches its bounty and comes back when nobody wins it.

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBounties} from "../../../contracts/funding/IBounties.sol";
import {IRewardPool as I} from "../../../contracts/rewards/IRewardPool.sol";
import {RewardsBase} from "../support/RewardsBase.t.sol";

contract RewardPoolTest is RewardsBase {
    function setUp() public override {
        super.setUp();
        vm.warp(MONDAY + 1 weeks);
    }

    function test_set_up_as_told() public view {
        _eq("token", pool.token(), address(dimo));
        _eq("treasury", pool.treasury(), TREASURY);
        _eq("bounties", pool.bounties(), address(bounties));
        _eq("parameters", keccak256(abi.encode(pool.parameters())), keccak256(abi.encode(_parameters())));
    }

    function test_epochs_are_weeks_from_monday_five_utc() public {
        _eq("end of 0", pool.endOf(0), MONDAY + 1 weeks);
        vm.warp(MONDAY + 1 weeks - 1);
        _eq("0", pool.currentEpoch(), 0);
        vm.expectRevert(abi.encodeWithSelector(I.EpochNotOver.selector, 0, MONDAY + 1 weeks));
        pool.postRoot(0, "root", 1, INPUTS);
        vm.warp(MONDAY + 1 weeks);
        _eq("1", pool.currentEpoch(), 1);
        pool.postRoot(0, "root", 1, INPUTS);
    }

    function test_a_week_can_be_posted_for_eight_weeks() public {
        uint256 until = MONDAY + 9 weeks;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(I.PostingOver.selector, 0, until));
        pool.postRoot(0, "root", 1, INPUTS);
        vm.warp(until - 1);
        pool.postRoot(0, "root", 1, INPUTS);
        _eq("root", pool.epochOf(0).root, "root");
    }

    function test_emission_falls_by_15_percent_a_year() public {
        uint256[5] memory expected = [
            uint256(1_105_000e18),
            939_250e18,
            798_362.5e18,
            678_608.125e18,
            576_816.90625e18
        ];
        for (uint256 year = 0; year < 5; ++year) {
            _eq("first week", pool.emissionOf(52 * year), expected[year]);
            _eq("last week", pool.emissionOf(52 * year + 51), expected[year]);
        }
        _eq("after centuries", pool.emissionOf(52 * 500), 0);
        _eq("after ages", pool.emissionOf(type(uint48).max), 0);
        uint256 absurd = uint256(type(uint48).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 48, absurd));
        pool.emissionOf(absurd);
    }

    function test_a_vote_changes_the_weeks_to_come_and_none_that_has_begun() public {
        vm.warp(MONDAY + 10 weeks + 3 days);
        I.Parameters memory changed = _parameters();
        changed.weeklyInitial = 7e18;
        changed.yearlyBasisPoints = 10_000;
        changed.bountyShareBasisPoints = 2_000;
        vm.expectEmit();
        emit I.ParametersSet(changed, 11);
        pool.setParameters(changed);
        _eq("parameters", keccak256(abi.encode(pool.parameters())), keccak256(abi.encode(changed)));
        for (uint256 epoch = 0; epoch < 11; ++epoch) {
            _eq("as it was", pool.emissionOf(epoch), 1_105_000e18);
            _eq("share as it was", pool.bountyShareOf(epoch), 1_000);
        }
        _eq("next week", pool.emissionOf(11), 7e18);
        _eq("share of next week", pool.bountyShareOf(11), 2_000);
        _eq("in nine years", pool.emissionOf(52 * 9), 7e18);
        changed.weeklyInitial = 9e18;
        pool.setParameters(changed);
        _eq("the later of two votes in a week holds", pool.emissionOf(11), 9e18);
        vm.warp(MONDAY + 11 weeks);
        changed.weeklyInitial = 11e18;
        pool.setParameters(changed);
        _eq("a week that begins", pool.emissionOf(11), 9e18);
        _eq("the week after", pool.emissionOf(12), 11e18);
        _eq("long ago", pool.emissionOf(0), 1_105_000e18);
    }

    function test_a_root_is_posted_within_emission_and_balance() public {
        bytes4 invalid = I.RootInvalid.selector;
        uint256 emission = 1_105_000e18;
        uint96 beyond = uint96(emission + 1);
        vm.expectRevert(abi.encodeWithSelector(invalid, 0, bytes32("root"), beyond, emission));
        pool.postRoot(0, "root", beyond, INPUTS);
        vm.expectRevert(abi.encodeWithSelector(invalid, 0, bytes32("root"), 0, emission));
        pool.postRoot(0, "root", 0, INPUTS);
        vm.expectRevert(abi.encodeWithSelector(invalid, 0, bytes32(0), 1, emission));
        pool.postRoot(0, 0, 1, INPUTS);
        vm.expectEmit();
        emit I.RootPosted(0, "root", emission, INPUTS, uint40(block.timestamp + 48 hours));
        pool.postRoot(0, "root", uint96(emission), INPUTS);
        _eq("reserved", pool.reserved(), emission);
        I.Epoch memory expected = I.Epoch(
            "root",
            INPUTS,
            uint96(emission),
            uint96(emission),
            uint40(block.timestamp + 48 hours),
            uint40(block.timestamp + 48 hours + 26 weeks)
        );
        _eq("epoch", keccak256(abi.encode(pool.epochOf(0))), keccak256(abi.encode(expected)));
        vm.expectRevert(abi.encodeWithSelector(I.RootAlreadyPosted.selector, 0, bytes32("root")));
        pool.postRoot(0, "other", 1, INPUTS);
        vm.warp(MONDAY + 2 weeks);
        uint256 left = 2_000_000e18 - emission;
        vm.expectRevert(abi.encodeWithSelector(I.PoolShort.selector, left + 1, left));
        pool.postRoot(1, "root", uint96(left + 1), INPUTS);
        pool.postRoot(1, "root", uint96(left), INPUTS);
        _eq("all of it", pool.reserved(), 2_000_000e18);
    }

    function test_a_wrong_root_is_vetoed_in_time_and_posted_anew() public {
        pool.postRoot(0, "wrong", 5e18, INPUTS);
        vm.warp(block.timestamp + 48 hours - 1);
        vm.expectEmit();
        emit I.RootVetoed(0, "wrong", "row 3 altered");
        pool.veto(0, "row 3 altered");
        _eq("reserved", pool.reserved(), 0);
        _eq("forgotten", pool.epochOf(0).inputsHash, 0);
        vm.expectRevert(abi.encodeWithSelector(I.RootNotPosted.selector, 0));
        pool.veto(0, "twice");
        pool.postRoot(0, "right", 5e18, INPUTS);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(I.ChallengeOver.selector, 0, block.timestamp));
        pool.veto(0, "too late");
        _eq("stands", pool.epochOf(0).root, "right");
    }

    function test_claims_open_after_the_challenge_and_close_before_the_sweep() public {
        (bytes32[] memory proof, bytes32[] memory bobProof) = _post(0, 10e18, 20e18, 30e18);
        uint256 opens = block.timestamp + 48 hours;
        uint256 closes = opens + 26 weeks;
        bytes memory closed = abi.encodeWithSelector(I.NotClaimable.selector, 0, opens, closes);
        vm.warp(opens - 1);
        vm.expectRevert(closed);
        pool.claim(0, 0, ALICE, 10e18, proof);
        vm.warp(opens);
        vm.expectEmit();
        emit I.RewardClaimed(0, 0, ALICE, 10e18);
        vm.prank(STRANGER);
        pool.claim(0, 0, ALICE, 10e18, proof);
        _eq("paid", dimo.balanceOf(ALICE), 10e18);
        _eq("claimed", pool.isClaimed(0, 0), true);
        _eq("not claimed", pool.isClaimed(0, 1), false);
        _eq("reserved", pool.reserved(), 20e18);
        _eq("remaining", pool.epochOf(0).remaining, 20e18);
        vm.warp(closes - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotSweepable.selector, 0, closes));
        pool.sweep(0);
        vm.warp(closes);
        vm.expectRevert(closed);
        pool.claim(0, 1, BOB, 20e18, bobProof);
    }

    function test_anyone_sweeps_what_nobody_claimed_and_only_to_the_treasury() public {
        _post(0, 10e18, 20e18, 30e18);
        vm.expectRevert(abi.encodeWithSelector(I.RootNotPosted.selector, 1));
        pool.sweep(1);
        uint256 closes = pool.epochOf(0).claimableUntil;
        vm.warp(closes);
        vm.expectEmit();
        emit I.EpochSwept(0, 30e18);
        vm.prank(STRANGER);
        pool.sweep(0);
        _eq("swept", dimo.balanceOf(TREASURY), 30e18);
        _eq("reserved", pool.reserved(), 0);
        _eq("remaining", pool.epochOf(0).remaining, 0);
        vm.expectRevert(abi.encodeWithSelector(I.NotSweepable.selector, 0, closes));
        pool.sweep(0);
    }

    function test_the_last_second_of_claiming_pays() public {
        (bytes32[] memory proof, ) = _post(0, 10e18, 20e18, 30e18);
        vm.warp(pool.epochOf(0).claimableUntil - 1);
        pool.claim(0, 0, ALICE, 10e18, proof);
        _eq("paid", dimo.balanceOf(ALICE), 10e18);
    }

    /// The leaf binds all of it: change one and the proof fails.
    function testFuzz_attack_wrong_proof(uint8 field, uint256 change) public {
        vm.assume(change != 0);
        (bytes32[] memory proof, ) = _post(0, 10e18, 20e18, 30e18);
        vm.warp(MONDAY + 2 weeks);
        pool.postRoot(1, pool.epochOf(0).root, 30e18, INPUTS);
        vm.warp(MONDAY + 3 weeks);
        (uint256 epoch, uint256 index, address account, uint256 amount) = (0, 0, ALICE, 10e18);
        field = field % 6;
        if (field == 0) epoch = 1;
        if (field == 1) index ^= change;
        if (field == 2) account = address(uint160(account) ^ uint160(1 + (change % type(uint160).max)));
        if (field == 3) amount ^= change;
        if (field == 4) proof[0] ^= bytes32(change);
        if (field == 5) vm.chainId(block.chainid + 1);
        _eq("verifyLeaf", pool.verifyLeaf(epoch, index, account, amount, proof), false);
        vm.expectRevert(abi.encodeWithSelector(I.ProofInvalid.selector, epoch, index, account, amount));
        pool.claim(epoch, index, account, amount, proof);
    }

    function test_a_leaf_is_proven_once_its_challenge_is_over_and_for_ever() public {
        (bytes32[] memory proof, ) = _post(0, 10e18, 20e18, 30e18);
        vm.warp(pool.epochOf(0).claimableFrom - 1);
        _eq("open to a veto", pool.verifyLeaf(0, 0, ALICE, 10e18, proof), false);
        vm.warp(pool.epochOf(0).claimableFrom);
        _eq("stands", pool.verifyLeaf(0, 0, ALICE, 10e18, proof), true);
        pool.claim(0, 0, ALICE, 10e18, proof);
        _eq("claimed", pool.verifyLeaf(0, 0, ALICE, 10e18, proof), true);
        vm.warp(block.timestamp + 52 weeks);
        pool.sweep(0);
        _eq("swept", pool.verifyLeaf(0, 0, ALICE, 10e18, proof), true);
        _eq("another week", pool.verifyLeaf(1, 0, ALICE, 10e18, proof), false);
    }

    function test_nothing_is_proven_where_nothing_is_posted() public view {
        // A tree of one leaf has an empty proof.
        _eq("absent", pool.verifyLeaf(0, 0, ALICE, 0, new bytes32[](0)), false);
    }

    // The flow from undecoded platforms into bounties

    function test_a_platform_share_is_paid_into_its_bounty_once() public {
        (, bytes32[] memory proof) = _postWithBounty(0, 90e18, 10e18);
        vm.warp(block.timestamp + 48 hours - 1);
        vm.expectRevert(
            abi.encodeWithSelector(I.NotClaimable.selector, 0, block.timestamp + 1, block.timestamp + 1 + 26 weeks)
        );
        pool.claimForBounty(0, 1, CAR, 10e18, proof);
        vm.warp(block.timestamp + 1);
        vm.expectEmit();
        emit I.BountyClaimed(0, 1, CAR, 10e18);
        vm.expectEmit();
        emit IBounties.BountyFunded(CAR, 1, address(pool), 10e18);
        vm.prank(STRANGER);
        pool.claimForBounty(0, 1, CAR, 10e18, proof);
        _eq("bounty", bounties.balanceOf(CAR), 10e18);
        _eq("moved", dimo.balanceOf(address(bounties)), 10e18);
        _eq("reserved", pool.reserved(), 90e18);
        _eq("remaining", pool.epochOf(0).remaining, 90e18);
        _eq("claimed", pool.isClaimed(0, 1), true);
        _eq("no allowance stays", dimo.allowance(address(pool), address(bounties)), 0);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyClaimed.selector, 0, 1));
        pool.claimForBounty(0, 1, CAR, 10e18, proof);
    }

    function test_a_bounty_that_nobody_wins_comes_back_and_is_available_again() public {
        (, bytes32[] memory proof) = _postWithBounty(0, 90e18, 10e18);
        vm.warp(block.timestamp + 48 hours);
        pool.claimForBounty(0, 1, CAR, 10e18, proof);
        uint256 balance = dimo.balanceOf(address(pool));
        vm.warp(block.timestamp + 365 days);
        bounties.refund(CAR, 1, address(pool));
        _eq("back", dimo.balanceOf(address(pool)), balance + 10e18);
        _eq("promised to nobody", pool.reserved(), 90e18);
        pool.sweep(0);
        vm.warp(pool.endOf(60));
        pool.postRoot(60, "root", 900_000e18, INPUTS);
        _eq("set aside again", pool.reserved(), 900_000e18);
    }

    /// Every field of a bounty leaf is bound, and neither kind of leaf passes for the other.
    function testFuzz_attack_wrong_bounty_proof(uint8 field, uint256 change) public {
        vm.assume(change != 0);
        (bytes32[] memory rewardProof, bytes32[] memory proof) = _postWithBounty(0, 90e18, 10e18);
        vm.warp(MONDAY + 2 weeks);
        pool.postRoot(1, pool.epochOf(0).root, 100e18, INPUTS);
        vm.warp(MONDAY + 3 weeks);
        (uint256 epoch, uint256 index, bytes32 platform, uint256 amount) = (0, 1, CAR, 10e18);
        field = field % 7;
        if (field == 0) epoch = 1;
        if (field == 1) index ^= change;
        if (field == 2) platform ^= bytes32(change);
        if (field == 3) amount ^= change;
        if (field == 4) proof[0] ^= bytes32(change);
        if (field == 5) vm.chainId(block.chainid + 1);
        if (field == 6) {
            (index, platform, amount, proof) = (0, bytes32(uint256(uint160(ALICE))), 90e18, rewardProof);
        }
        vm.expectRevert(abi.encodeWithSelector(I.BountyProofInvalid.selector, epoch, index, platform, amount));
        pool.claimForBounty(epoch, index, platform, amount, proof);
    }

    function test_attack_a_bounty_leaf_claimed_as_a_reward() public {
        bytes32 disguised = bytes32(uint256(uint160(STRANGER)));
        bytes32 leaf = pool.bountyLeafOf(0, 1, disguised, 10e18);
        (, bytes32[] memory proof) = _postPair(0, pool.leafOf(0, 0, ALICE, 90e18), leaf, 100e18);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(I.ProofInvalid.selector, 0, 1, STRANGER, 10e18));
        pool.claim(0, 1, STRANGER, 10e18, proof);
        _eq("verifyLeaf", pool.verifyLeaf(0, 1, STRANGER, 10e18, proof), false);
    }

    function test_a_bounty_beyond_the_total_is_not_paid() public {
        bytes32 leaf = pool.bountyLeafOf(0, 1, CAR, 10e18);
        (, bytes32[] memory proof) = _postPair(0, pool.leafOf(0, 0, ALICE, 90e18), leaf, 10e18 - 1);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(I.EpochExhausted.selector, 0, 10e18, 10e18 - 1));
        pool.claimForBounty(0, 1, CAR, 10e18, proof);
    }

    function test_leaves_are_as_the_interface_says() public view {
        bytes memory reward = abi.encode(block.chainid, address(pool), 5, 6, ALICE, 7);
        _eq("reward", pool.leafOf(5, 6, ALICE, 7), keccak256(bytes.concat(keccak256(reward))));
        bytes32 domain = keccak256("dimo.rewards.bounty-leaf");
        bytes memory bounty = abi.encode(domain, block.chainid, address(pool), 5, 6, CAR, 7);
        _eq("bounty", pool.bountyLeafOf(5, 6, CAR, 7), keccak256(bytes.concat(keccak256(bounty))));
    }

    /// Whatever is posted, claimed, vetoed and swept: what is reserved is the sum of what remains.
    function testFuzz_reserved_is_what_remains(uint256 seed) public {
        for (uint256 epoch = 0; epoch < 6; ++epoch) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = 1 + ((seed >> 8) % 100_000e18);
            vm.warp(pool.endOf(epoch));
            (bytes32[] memory proof, ) = _post(epoch, amount, amount / 2, amount + amount / 2);
            if (seed % 4 == 0) {
                pool.veto(epoch, "");
                continue;
            }
            vm.warp(block.timestamp + 48 hours);
            if (seed % 4 > 1) pool.claim(epoch, 0, ALICE, amount, proof);
        }
        _checkReserved();
        vm.warp(block.timestamp + 40 weeks);
        for (uint256 epoch = 0; epoch < 6; ++epoch) {
            if (pool.epochOf(epoch).remaining != 0) pool.sweep(epoch);
        }
        _checkReserved();
        _eq("all swept", pool.reserved(), 0);
        _eq("nothing lost", dimo.balanceOf(address(pool)) + dimo.balanceOf(ALICE) + dimo.balanceOf(TREASURY), 2e24);
    }

    function test_parameters_that_make_no_sense() public {
        I.Parameters[6] memory bad = [
            I.Parameters(1, 10_001, 1, 1 hours, 1),
            I.Parameters(1, 1, 10_001, 1 hours, 1),
            I.Parameters(1, 1, 1, 1 hours - 1, 1),
            I.Parameters(1, 1, 1, 30 days + 1, 1),
            I.Parameters(1, 1, 1, 1 hours, 0),
            I.Parameters(1, 1, 1, 1 hours, 521)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.ParametersInvalid.selector, bad[i]));
            pool.setParameters(bad[i]);
        }
        I.Parameters[2] memory good = [
            I.Parameters(type(uint96).max, 10_000, 10_000, 30 days, 520),
            I.Parameters(0, 0, 0, 1 hours, 1)
        ];
        for (uint256 i = 0; i < good.length; ++i) {
            pool.setParameters(good[i]);
            _eq("set", keccak256(abi.encode(pool.parameters())), keccak256(abi.encode(good[i])));
        }
    }

    function test_new_parameters_leave_posted_roots_alone() public {
        _post(0, 10e18, 20e18, 30e18);
        bytes32 before = keccak256(abi.encode(pool.epochOf(0)));
        pool.setParameters(I.Parameters(1, 1, 1, 5 hours, 2));
        _eq("as posted", keccak256(abi.encode(pool.epochOf(0))), before);
        vm.warp(pool.endOf(1));
        pool.postRoot(1, "root", 1, INPUTS);
        _eq("opens", pool.epochOf(1).claimableFrom, block.timestamp + 5 hours);
        _eq("closes", pool.epochOf(1).claimableUntil, block.timestamp + 5 hours + 2 weeks);
    }

    function test_restricted_calls_by_a_stranger() public {
        _post(0, 10e18, 20e18, 30e18);
        _refuseStranger(address(pool), abi.encodeCall(I.postRoot, (1, "root", 1, INPUTS)));
        _refuseStranger(address(pool), abi.encodeCall(I.veto, (0, "")));
        _refuseStranger(address(pool), abi.encodeCall(I.setParameters, (_parameters())));
        _refuseStranger(address(pool), abi.encodeCall(pool.upgradeToAndCall, (address(token), "")));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        pool.initialize(STRANGER, STRANGER, STRANGER, STRANGER);
    }

    /// @dev Alice's reward at 0 and the platform's share at 1.
    function _postWithBounty(
        uint256 epoch,
        uint256 reward,
        uint256 bounty
    ) private returns (bytes32[] memory rewardProof, bytes32[] memory bountyProof) {
        bytes32 rewardLeaf = pool.leafOf(epoch, 0, ALICE, reward);
        return _postPair(epoch, rewardLeaf, pool.bountyLeafOf(epoch, 1, CAR, bounty), reward + bounty);
    }

    function _parameters() private pure returns (I.Parameters memory) {
        return I.Parameters(1_105_000e18, 8_500, 1_000, 48 hours, 26);
    }

    function _checkReserved() private view {
        uint256 sum = 0;
        for (uint256 epoch = 0; epoch < 6; ++epoch) sum += pool.epochOf(epoch).remaining;
        _eq("reserved", pool.reserved(), sum);
        _eq("covered", dimo.balanceOf(address(pool)) >= sum, true);
    }
}
